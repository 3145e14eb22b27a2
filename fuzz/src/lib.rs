//! What the fuzz targets share: every view is shown in full, and written again byte for byte.

pub mod build;

use mediawire::Encode;

/// Runs `Display`, `Debug` and `Serialize` to their end.
pub fn show(view: &(impl std::fmt::Display + std::fmt::Debug + serde::Serialize)) {
    assert!(!view.to_string().contains('\n'), "Display is one line");
    assert!(!format!("{view:?}").is_empty());
    let json = serde_json::to_value(view).expect("serialises");
    assert!(json.is_object() || json.is_string() || json.is_number());
}

/// Asserts that `builder` writes exactly `bytes`, whether the buffer is as long or longer, and refuses a shorter one.
pub fn writes(builder: &impl Encode, bytes: &[u8]) {
    assert_eq!(builder.encoded_len(), bytes.len());
    let mut out = vec![0xA5; bytes.len() + 3];
    assert_eq!(builder.write(&mut out), Ok(bytes.len()));
    assert_eq!(out[..bytes.len()], *bytes);
    assert_eq!(out[bytes.len()..], [0xA5; 3]);
    if let Some(short) = bytes.len().checked_sub(1) {
        assert!(builder.write(&mut out[..short]).is_err());
    }
}
