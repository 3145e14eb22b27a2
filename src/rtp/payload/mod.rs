//! map
mod picture_id;

pub mod av1;
pub mod h264;
pub mod h265;
pub mod opus;
pub mod vp8;
pub mod vp9;

pub use picture_id::PictureId;
