//! The macro that writes a registry: a newtype with named constants.
//!
//! An unknown value costs nothing and is kept; each value has one form; naming one more breaks no caller.

macro_rules! registry {
    (
        $(#[$doc:meta])*
        $type:ident($int:ty) {
            $($(#[$value_doc:meta])* $value:ident = $number:literal, $name:literal;)*
        }
    ) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $type(pub $int);

        impl $type {
            $($(#[$value_doc])* pub const $value: Self = Self($number);)*

            /// The name in the registry; `None` for a value that has none.
            pub const fn name(self) -> Option<&'static str> {
                match self.0 {
                    $($number => Some($name),)*
                    _ => None,
                }
            }
        }

        /// The registered name, or the number.
        impl core::fmt::Display for $type {
            fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
                match self.name() {
                    Some(name) => f.pad(name),
                    None => core::fmt::Display::fmt(&self.0, f),
                }
            }
        }

        /// The number, and the registered name behind it.
        impl core::fmt::Debug for $type {
            fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
                write!(f, "{}({}", stringify!($type), self.0)?;
                match self.name() {
                    Some(name) => write!(f, " {name})"),
                    None => f.write_str(")"),
                }
            }
        }
    };
}

pub(crate) use registry;

#[cfg(test)]
#[allow(unreachable_pub, reason = "the macro writes public types")]
mod tests {
    extern crate std;
    use std::format;

    registry! {
        /// Two letters.
        Letter(u8) {
            /// The first.
            ALPHA = 1, "alpha";
            /// The second.
            BETA = 2, "beta";
        }
    }

    #[test]
    fn unknown_values_are_values() {
        assert_eq!(Letter(2), Letter::BETA);
        assert_eq!((Letter::ALPHA.name(), Letter(9).name()), (Some("alpha"), None));
        assert_eq!(format!("{} {}", Letter::ALPHA, Letter(9)), "alpha 9");
        assert_eq!(format!("{:?} {:?}", Letter::ALPHA, Letter(9)), "Letter(1 alpha) Letter(9)");
    }
}
