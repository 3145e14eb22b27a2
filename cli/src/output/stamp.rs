//! Times as RFC 3339 has them.

use std::fmt::Write;

use crate::capture::Time;

/// Makes the text of a time, and keeps the part that many packets share: date, hour, minute, second.
#[derive(Debug, Default)]
pub(super) struct Stamp {
    second: Option<i64>,
    /// `2024-05-02T08:15:30`, or empty for a time that has no such text.
    prefix: String,
    text: String,
}

impl Stamp {
    /// UTC with nine decimals. `None` before the year 0 and after 9999, which RFC 3339 cannot say.
    #[inline]
    pub(super) fn text(&mut self, time: Time) -> Option<&str> {
        if self.second != Some(time.seconds) {
            self.turn(time.seconds);
        }
        if self.prefix.is_empty() {
            return None;
        }
        self.text.clear();
        self.text.push_str(&self.prefix);
        let mut digits = *b".000000000Z";
        let mut left = time.nanos;
        for place in digits.iter_mut().skip(1).take(9).rev() {
            *place = b'0' + (left % 10) as u8;
            left /= 10;
        }
        self.text.push_str(str::from_utf8(&digits).unwrap_or_default());
        Some(&self.text)
    }

    #[cold]
    fn turn(&mut self, second: i64) {
        self.second = Some(second);
        self.prefix.clear();
        if let Ok(time) = jiff::Timestamp::from_second(second) {
            // Writing to a String does not fail.
            let _ = write!(self.prefix, "{time}");
        }
        // 2024-05-02T08:15:30Z; years outside of RFC 3339 have a sign and six digits.
        match self.prefix.strip_suffix('Z') {
            Some(text) if text.len() == 19 => self.prefix.truncate(19),
            _ => self.prefix.clear(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(seconds: i64, nanos: u32) -> Option<String> {
        Stamp::default().text(Time { seconds, nanos }).map(str::to_owned)
    }

    #[test]
    fn nine_decimals_in_utc() {
        // The example of inspect-json.md, by `date -u -d @1714637730`.
        let some = |text: &str| Some(text.to_owned());
        assert_eq!(text(1_714_637_730, 123_456_000), some("2024-05-02T08:15:30.123456000Z"));
        assert_eq!(text(0, 0), some("1970-01-01T00:00:00.000000000Z"));
        assert_eq!(text(951_782_399, 999_999_999), some("2000-02-28T23:59:59.999999999Z"));
        assert_eq!(text(-1, 5), some("1969-12-31T23:59:59.000000005Z"));
        assert_eq!(text(253_402_128_000, 1), some("9999-12-30T00:00:00.000000001Z"));
    }

    #[test]
    fn what_rfc_3339_cannot_say_is_not_said() {
        assert_eq!(text(-62_200_000_000, 0), None);
        assert_eq!(text(253_402_300_800, 0), None);
        assert_eq!(text(i64::MIN, 0), None);
        assert_eq!(text(i64::MAX, 0), None);
    }

    #[test]
    fn the_shared_part_changes_with_the_second() {
        let mut stamp = Stamp::default();
        for (seconds, expected) in [(59, "00:59."), (59, "00:59."), (60, "01:00."), (59, "00:59.")]
        {
            let text = stamp.text(Time { seconds, nanos: 0 }).unwrap();
            assert!(text.contains(expected), "{text}");
        }
        assert_eq!(stamp.text(Time { seconds: i64::MAX, nanos: 0 }), None);
        assert!(stamp.text(Time { seconds: 1, nanos: 0 }).is_some());
    }
}
