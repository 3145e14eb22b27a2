//! A STUN client and a Binding server without sockets and without a clock (RFC 8489 sections 6 and 9).
//!
//! What comes in is given to them as bytes and as the time since some moment that the caller picks; what they want sent they
//! write into a buffer of the caller's. They allocate nothing, and what they remember has a fixed size.
//!
//! - [`Transaction`]: one request, sent until it is answered: retransmissions, matching, the checks on a response.
//! - [`LongTerm`]: what a client knows of a server that asks for long-term credentials; it makes sense of 401 and 438.
//! - [`BindingServer`]: a datagram in, a datagram out.
//!
//! A client that asks for its address:
//!
//! ```
//! use core::time::Duration;
//! use mediawire::stun::agent::{Action, Authentication, BindingServer, Received, Timing, Transaction, Transport};
//! use mediawire::stun::{Class, MessageWriter, Method, TransactionId, XorMappedAddress};
//!
//! let mut buffer = [0; 64];
//! let id = TransactionId(*b"random, here");
//! let mut writer = MessageWriter::new(&mut buffer, Class::Request, Method::BINDING, id)?;
//! writer.push_fingerprint()?;
//! let len = writer.finish();
//!
//! let now = Duration::ZERO; // of a clock that only goes forward
//! let mut transaction = Transaction::new(&buffer[..len], Transport::Unreliable, Timing::default(), now)?;
//! let Action::Send(request) = transaction.poll(now) else { panic!("the first request goes out at once") };
//! # let request = request.to_vec();
//! assert_eq!(transaction.poll(now), Action::Wait { until: Duration::from_millis(500) });
//!
//! // Elsewhere:
//! let source = "192.0.2.1:32853".parse()?;
//! let mut out = [0; 128];
//! let answer = BindingServer::default().answer(&request, source, now, &mut out)?;
//!
//! // And back at the client:
//! match transaction.receive(&out[..answer.len], Authentication::None) {
//!     Received::Success(message) => {
//!         let XorMappedAddress(address) = message.get().ok_or("no address")??;
//!         assert_eq!(address, source);
//!     }
//!     other => panic!("{other:?}"),
//! }
//! assert_eq!(transaction.poll(now), Action::Done);
//! # Ok::<(), Box<dyn core::error::Error>>(())
//! ```

mod long_term;
mod nonce;
mod server;
mod transaction;

pub use long_term::{LongTerm, Refused};
pub use nonce::Nonces;
pub use server::{Answer, BindingServer, Credentials, Silent, User};
pub use transaction::{
    Action, Authentication, Discarded, Failure, Received, Timing, Transaction, Transport,
};
