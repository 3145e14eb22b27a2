//! A serializer that keeps nothing.

use core::fmt::Display;

use serde::ser::{self, Serialize};

pub struct Nowhere;

#[derive(Debug)]
pub struct Refused;

impl Display for Refused {
    fn fmt(&self, _: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        Ok(())
    }
}

impl core::error::Error for Refused {}

impl ser::Error for Refused {
    fn custom<T: Display>(_: T) -> Self {
        Self
    }
}

/// Whether a value is taken: not known to the compiler.
#[inline(never)]
fn takes(size: usize) -> Result<(), Refused> {
    if core::hint::black_box(size) == 9 { Err(Refused) } else { Ok(()) }
}

macro_rules! plain {
    ($($name:ident: $type:ty;)+) => {
        $(fn $name(self, value: $type) -> Result<(), Refused> {
            let _: $type = core::hint::black_box(value);
            takes(1)
        })+
    };
}

impl ser::Serializer for Nowhere {
    type Ok = ();
    type Error = Refused;
    type SerializeSeq = Self;
    type SerializeTuple = Self;
    type SerializeTupleStruct = Self;
    type SerializeTupleVariant = Self;
    type SerializeMap = Self;
    type SerializeStruct = Self;
    type SerializeStructVariant = Self;

    plain! {
        serialize_bool: bool;
        serialize_i8: i8;
        serialize_i16: i16;
        serialize_i32: i32;
        serialize_i64: i64;
        serialize_u8: u8;
        serialize_u16: u16;
        serialize_u32: u32;
        serialize_u64: u64;
        serialize_u128: u128;
        serialize_f32: f32;
        serialize_f64: f64;
        serialize_char: char;
        serialize_str: &str;
        serialize_bytes: &[u8];
        serialize_unit_struct: &'static str;
    }

    fn collect_str<T: ?Sized + Display>(self, value: &T) -> Result<(), Refused> {
        takes(size_of_val(value))
    }

    fn serialize_none(self) -> Result<(), Refused> {
        takes(0)
    }

    fn serialize_some<T: ?Sized + Serialize>(self, value: &T) -> Result<(), Refused> {
        value.serialize(self)
    }

    fn serialize_unit(self) -> Result<(), Refused> {
        takes(0)
    }

    fn serialize_unit_variant(
        self,
        _: &'static str,
        index: u32,
        _: &'static str,
    ) -> Result<(), Refused> {
        takes(index as usize)
    }

    fn serialize_newtype_struct<T: ?Sized + Serialize>(
        self,
        _: &'static str,
        value: &T,
    ) -> Result<(), Refused> {
        value.serialize(self)
    }

    fn serialize_newtype_variant<T: ?Sized + Serialize>(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        value: &T,
    ) -> Result<(), Refused> {
        value.serialize(self)
    }

    fn serialize_seq(self, len: Option<usize>) -> Result<Self, Refused> {
        takes(len.unwrap_or(0)).map(|()| self)
    }

    fn serialize_tuple(self, len: usize) -> Result<Self, Refused> {
        takes(len).map(|()| self)
    }

    fn serialize_tuple_struct(self, _: &'static str, len: usize) -> Result<Self, Refused> {
        takes(len).map(|()| self)
    }

    fn serialize_tuple_variant(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        len: usize,
    ) -> Result<Self, Refused> {
        takes(len).map(|()| self)
    }

    fn serialize_map(self, len: Option<usize>) -> Result<Self, Refused> {
        takes(len.unwrap_or(0)).map(|()| self)
    }

    fn serialize_struct(self, _: &'static str, len: usize) -> Result<Self, Refused> {
        takes(len).map(|()| self)
    }

    fn serialize_struct_variant(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        len: usize,
    ) -> Result<Self, Refused> {
        takes(len).map(|()| self)
    }
}

macro_rules! parts {
    ($($part:ident: $take:ident($($name:ty)?);)+) => {
        $(impl ser::$part for Nowhere {
            type Ok = ();
            type Error = Refused;

            fn $take<T: ?Sized + Serialize>(&mut self, $(_: $name,)? value: &T) -> Result<(), Refused> {
                value.serialize(Self)
            }

            fn end(self) -> Result<(), Refused> {
                takes(1)
            }
        })+
    };
}

parts! {
    SerializeSeq: serialize_element();
    SerializeTuple: serialize_element();
    SerializeTupleStruct: serialize_field();
    SerializeTupleVariant: serialize_field();
    SerializeStruct: serialize_field(&'static str);
    SerializeStructVariant: serialize_field(&'static str);
}

impl ser::SerializeMap for Nowhere {
    type Ok = ();
    type Error = Refused;

    fn serialize_key<T: ?Sized + Serialize>(&mut self, key: &T) -> Result<(), Refused> {
        key.serialize(Self)
    }

    fn serialize_value<T: ?Sized + Serialize>(&mut self, value: &T) -> Result<(), Refused> {
        value.serialize(Self)
    }

    fn end(self) -> Result<(), Refused> {
        takes(1)
    }
}
