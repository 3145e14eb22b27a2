//! Reads lines as elements.py prints them with str0m 0.25.0 (crates.io), and prints what it makes of them.
//!
//! `Extension::parse_value` has to be made public in a copy of it.

use std::io::BufRead;
use str0m::rtp::{Extension, ExtensionSerializer, ExtensionValues, vla};

fn video_timing(data: &[u8]) -> String {
    let mut values = ExtensionValues::default();
    Extension::VideoTiming.parse_value(data, &mut values).unwrap();
    let v = values.video_timing.unwrap();
    format!(
        r#"{{"flags":{},"encode_start":{},"encode_finish":{},"packetization_complete":{},"pacer_exit":{}}}"#,
        v.flags, v.encode_start, v.encode_finish, v.packetize_complete, v.last_left_pacer
    )
}

/// In Unix time, to the nearest microsecond, as str0m computes it in floating point: not a field of ours, but one that
/// follows from it.
fn abs_capture_time(data: &[u8]) -> String {
    let mut values = ExtensionValues::default();
    Extension::AbsoluteCaptureTime.parse_value(data, &mut values).unwrap();
    let v = values.abs_capture_time.unwrap();
    let time = v.capture_time.duration_since(std::time::UNIX_EPOCH).unwrap();
    let offset = v.clock_offset.map_or("null".into(), |offset| format!("\"{offset}\""));
    let micros = (time.as_nanos() + 500) / 1000;
    format!(r#"{{"unix_micros":{micros},"clock_offset":{offset}}}"#)
}

fn video_layers_allocation(data: &[u8]) -> String {
    let mut values = ExtensionValues::default();
    assert!(vla::Serializer.parse_value(data, &mut values));
    let v = values.user_values.get::<vla::VideoLayersAllocation>().unwrap();
    let mut layers = Vec::new();
    for (stream, allocation) in v.simulcast_streams.iter().enumerate() {
        for (spatial, layer) in allocation.spatial_layers.iter().enumerate() {
            if layer.temporal_layers.is_empty() {
                continue;
            }
            let rates: Vec<_> =
                layer.temporal_layers.iter().map(|t| t.cumulative_kbps.to_string()).collect();
            let size = layer.resolution_and_framerate.as_ref().map_or(String::new(), |r| {
                let (width, height, rate) = (r.width, r.height, r.framerate);
                format!(r#","width":{width},"height":{height},"max_framerate":{rate}"#)
            });
            let rates = rates.join(",");
            layers.push(format!(
                r#"{{"rtp_stream_index":{stream},"spatial_id":{spatial},"target_bitrates":[{rates}]{size}}}"#
            ));
        }
    }
    let (rid, ns) = (v.current_simulcast_stream_index, v.simulcast_streams.len() - 1);
    format!(r#"{{"rid":{rid},"ns":{ns},"layers":[{}]}}"#, layers.join(","))
}

fn main() {
    for line in std::io::stdin().lock().lines().map(Result::unwrap) {
        let (name, hex) = line.split_once('\t').unwrap();
        let byte = |at| u8::from_str_radix(&hex[at..at + 2], 16).unwrap();
        let data: Vec<u8> = (0..hex.len()).step_by(2).map(byte).collect();
        let json = match name {
            "video-timing" => video_timing(&data),
            "abs-capture-time" => abs_capture_time(&data),
            "video-layers-allocation" => video_layers_allocation(&data),
            _ => continue,
        };
        println!("{name}\t{hex}\tstr0m\t{json}");
    }
}
