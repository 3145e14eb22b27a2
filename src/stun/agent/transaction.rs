//! One request and its response (RFC 8489 sections 6.2.1, 6.2.2, 6.3.3, 6.3.4, 9.1.4 and 9.2.5).

use core::fmt;
use core::time::Duration;

use crate::error::{ErrorKind, ParseError};
use crate::ntp::span;
use crate::stun::{
    AttributeType, CheckError, Class, Code, ErrorCode, Key, Message, Method, TransactionId,
};

/// How long a client waits (RFC 8489 sections 6.2.1 and 6.2.2). The defaults are those of the RFC.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Timing {
    /// RTO: the wait after the first request; it doubles with each. 500 ms, or the estimate of earlier round trips.
    pub rto: Duration,
    /// Rc: how many requests are sent, the first included. 7.
    pub rc: u32,
    /// Rm: the wait after the last one, in RTOs. 16.
    pub rm: u32,
    /// Ti: the wait where the transport is reliable. 39.5 s.
    pub ti: Duration,
}

impl Default for Timing {
    fn default() -> Self {
        let (rto, ti) = (Duration::from_millis(500), Duration::from_millis(39_500));
        Self { rto, rc: 7, rm: 16, ti }
    }
}

/// Whether the transport delivers what it is given.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Transport {
    /// UDP, DTLS: requests are sent again.
    Unreliable,
    /// TCP, TLS: they are sent once.
    Reliable,
}

/// What is to be done now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action<'t> {
    /// Send this, and ask again.
    Send(&'t [u8]),
    /// Nothing, until a response comes in or it is so late.
    Wait {
        /// On the clock that the transaction was started with.
        until: Duration,
    },
    /// Nothing more: the response has come in.
    Done,
    /// Nothing more: there is no response to be had.
    Failed(Failure),
}

/// Why a transaction failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Failure {
    /// No response in time.
    TimedOut,
    /// None but such as were not authentic.
    IntegrityViolated,
    /// The response has attributes that must be understood, and are not.
    UnknownAttributes,
    /// An error response without a readable ERROR-CODE.
    NoErrorCode,
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::TimedOut => "no response in time",
            Self::IntegrityViolated => "no response with the right integrity",
            Self::UnknownAttributes => {
                "the response has unknown attributes that must be understood"
            }
            Self::NoErrorCode => "an error response without an error code",
        })
    }
}

impl core::error::Error for Failure {}

/// By which mechanism the request was authenticated, and so the response has to be.
#[derive(Clone, Copy, Debug)]
pub enum Authentication<'k> {
    /// By none.
    None,
    /// Short-term credentials, ICE's for one (RFC 8489 section 9.1).
    ShortTerm(&'k Key),
    /// Long-term credentials, TURN's for one (RFC 8489 section 9.2).
    LongTerm(&'k Key),
}

/// What came in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Received<'m> {
    /// Nothing for this transaction: no STUN, no response, or that of another transaction.
    NotOurs,
    /// A response that must be treated as if it had not come in; the transaction goes on.
    Discarded(Discarded),
    /// A success response, authentic where that was asked for. The transaction is done.
    Success(Message<'m>),
    /// An error response, authentic where that was asked for, but for the 401 and 438 of long-term credentials: they
    /// cannot be, see [`LongTerm`](super::LongTerm). The transaction is done.
    Error(Message<'m>, Code),
    /// A response that ends the transaction without a result.
    Failed(Failure),
}

/// Why a response was discarded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Discarded {
    /// FINGERPRINT is missing where it was [required](Transaction::require_fingerprint), or wrong.
    Fingerprint(CheckError),
    /// The integrity is missing, wrong, or of another kind than the request's.
    Integrity(CheckError),
    /// Its nonce says that there are PASSWORD-ALGORITHMS, and there are none: somebody took them out.
    BidDown,
}

/// One request, sent until it is answered.
///
/// `B` holds the request's bytes: a slice of the caller's, or an array or vector that moves in.
#[derive(Clone, Debug)]
pub struct Transaction<B> {
    request: B,
    id: TransactionId,
    method: Method,
    /// Which integrity attributes the request has.
    has_sha1: bool,
    has_sha256: bool,
    needs_fingerprint: bool,
    transport: Transport,
    timing: Timing,
    sent: u32,
    first_sent: Duration,
    /// When the next request is to go out or, after the last one, the transaction fails.
    due: Duration,
    /// The wait after the next request.
    wait: Duration,
    was_violated: bool,
    end: Option<Result<(), Failure>>,
}

impl<B: AsRef<[u8]>> Transaction<B> {
    /// Starts it: the first [`poll`](Self::poll) from `now` on sends the request.
    ///
    /// # Errors
    /// `request` is no STUN message, or one of another class.
    pub fn new(
        request: B,
        transport: Transport,
        timing: Timing,
        now: Duration,
    ) -> Result<Self, ParseError> {
        let message = Message::parse(request.as_ref())?;
        if message.class() != Class::Request {
            let found =
                request.as_ref().first_chunk().map_or(0, |&bytes| u16::from_be_bytes(bytes));
            let found = found.into();
            let (what, field, kind) = ("STUN request", "class", ErrorKind::Value { found });
            return Err(ParseError { what, field, offset: 0, kind });
        }
        let has = |attribute_type| message.find(attribute_type).is_some();
        Ok(Self {
            id: message.transaction_id(),
            method: message.method(),
            has_sha1: has(AttributeType::MESSAGE_INTEGRITY),
            has_sha256: has(AttributeType::MESSAGE_INTEGRITY_SHA256),
            needs_fingerprint: false,
            request,
            transport,
            timing,
            sent: 0,
            first_sent: now,
            due: now,
            wait: timing.rto,
            was_violated: false,
            end: None,
        })
    }

    /// A response has to have FINGERPRINT, as it has with ICE. One that is there has to be right in any case.
    #[must_use]
    pub fn require_fingerprint(self) -> Self {
        Self { needs_fingerprint: true, ..self }
    }

    /// The request.
    pub fn request(&self) -> &[u8] {
        self.request.as_ref()
    }

    /// Its transaction id.
    pub const fn id(&self) -> TransactionId {
        self.id
    }

    /// What is to be done at `now`. A request goes out when it is due or, if that was missed, now: the waits count from
    /// when it went out, so that there are no bursts.
    pub fn poll(&mut self, now: Duration) -> Action<'_> {
        match self.end {
            Some(Ok(())) => return Action::Done,
            Some(Err(failure)) => return Action::Failed(failure),
            None if now < self.due => return Action::Wait { until: self.due },
            None => {}
        }
        let (most, last_wait) = match self.transport {
            Transport::Unreliable => {
                (self.timing.rc.max(1), self.timing.rto.saturating_mul(self.timing.rm))
            }
            Transport::Reliable => (1, self.timing.ti),
        };
        if self.sent >= most {
            let failure =
                if self.was_violated { Failure::IntegrityViolated } else { Failure::TimedOut };
            self.end = Some(Err(failure));
            return Action::Failed(failure);
        }
        if self.sent == 0 {
            self.first_sent = now;
        }
        self.sent += 1;
        let wait = if self.sent == most { last_wait } else { self.wait };
        self.due = now.saturating_add(wait);
        self.wait = self.wait.saturating_mul(2);
        Action::Send(self.request.as_ref())
    }

    /// Takes what has come in. After a response that counts, [`poll`](Self::poll) has nothing more to do.
    pub fn receive<'m>(
        &mut self,
        datagram: &'m [u8],
        authentication: Authentication<'_>,
    ) -> Received<'m> {
        let Ok(message) = Message::parse(datagram) else { return Received::NotOurs };
        let is_ours = message.class().is_response()
            && message.transaction_id() == self.id
            && message.method() == self.method
            && self.sent > 0
            && self.end.is_none();
        if !is_ours {
            return Received::NotOurs;
        }
        match message.check_fingerprint() {
            Ok(()) => {}
            Err(CheckError::Missing) if !self.needs_fingerprint => {}
            Err(error) => return Received::Discarded(Discarded::Fingerprint(error)),
        }
        let code = message.get::<ErrorCode<'_>>().and_then(Result::ok).map(|error| error.code);
        let error = code.filter(|_| message.class() == Class::ErrorResponse);
        if let Err(discarded) = self.authenticate(&message, error, authentication) {
            // To a 400 without integrity the RFC only says that it is to be discarded.
            let is_bad_request = matches!(authentication, Authentication::LongTerm(_))
                && error == Some(Code::BAD_REQUEST)
                && discarded == Discarded::Integrity(CheckError::Missing);
            if matches!(discarded, Discarded::Integrity(_)) && !is_bad_request {
                self.was_violated = true;
                if self.transport == Transport::Reliable {
                    return self.failed(Failure::IntegrityViolated);
                }
            }
            return Received::Discarded(discarded);
        }
        if message.unknown_required(AttributeType::TYPED).next().is_some() {
            return self.failed(Failure::UnknownAttributes);
        }
        let received = match (message.class(), error) {
            (Class::ErrorResponse, None) => return self.failed(Failure::NoErrorCode),
            (_, Some(code)) => Received::Error(message, code),
            (_, None) => Received::Success(message),
        };
        self.end = Some(Ok(()));
        received
    }

    /// The time from the request to now, when its response has come in: a sample for the RTO. `None` if the request was
    /// sent more than once, as nobody knows which one was answered (Karn's algorithm).
    pub fn round_trip(&self, now: Duration) -> Option<Duration> {
        (self.sent == 1).then(|| span(self.first_sent, now))
    }

    fn failed(&mut self, failure: Failure) -> Received<'static> {
        self.end = Some(Err(failure));
        Received::Failed(failure)
    }

    fn authenticate(
        &self,
        message: &Message<'_>,
        error: Option<Code>,
        authentication: Authentication<'_>,
    ) -> Result<(), Discarded> {
        let key = match authentication {
            Authentication::None => return Ok(()),
            Authentication::ShortTerm(key) => key,
            // They tell what to authenticate with.
            Authentication::LongTerm(_)
                if matches!(error, Some(Code::UNAUTHENTICATED | Code::STALE_NONCE)) =>
            {
                return Ok(());
            }
            Authentication::LongTerm(_) if message.check_bid_down().is_err() => {
                return Err(Discarded::BidDown);
            }
            Authentication::LongTerm(key) => key,
        };
        // What the request has none of, the response is not to be authenticated by.
        let has = |attribute_type| message.find(attribute_type).is_some();
        if self.has_sha256 && has(AttributeType::MESSAGE_INTEGRITY_SHA256) {
            message.verify_integrity_sha256(key, 32)
        } else if self.has_sha1 {
            message.verify_integrity(key)
        } else {
            Err(CheckError::Missing)
        }
        .map_err(Discarded::Integrity)
    }
}

#[cfg(test)]
mod tests {
    extern crate std;
    use std::vec::Vec;

    use super::*;
    use crate::error::BuildError;
    use crate::stun::{MessageWriter, UnknownAttributes};

    const ID: TransactionId = TransactionId(*b"abcdefghijkl");

    const fn ms(millis: u64) -> Duration {
        Duration::from_millis(millis)
    }

    fn key() -> Key {
        Key::short_term(b"VOkJxbRl1RmTxUk/WvJxBt")
    }

    /// A message of this class, with what `fill` adds.
    fn message(
        class: Class,
        fill: impl for<'m, 'b> Fn(
            &'m mut MessageWriter<'b>,
        ) -> Result<&'m mut MessageWriter<'b>, BuildError>,
    ) -> Vec<u8> {
        let mut out = [0; 200];
        let mut writer = MessageWriter::new(&mut out, class, Method::BINDING, ID).unwrap();
        fill(&mut writer).unwrap();
        writer.as_bytes().to_vec()
    }

    fn request() -> Vec<u8> {
        message(Class::Request, |m| m.push_integrity(&key()))
    }

    fn error(code: Code) -> Vec<u8> {
        message(Class::ErrorResponse, |m| m.push(ErrorCode::new(code)))
    }

    /// One whose request has been sent, at 0.
    fn sent(request: Vec<u8>, transport: Transport) -> Transaction<Vec<u8>> {
        let timing = Timing::default();
        let mut transaction = Transaction::new(request, transport, timing, ms(0)).unwrap();
        assert!(matches!(transaction.poll(ms(0)), Action::Send(_)));
        transaction
    }

    /// When requests go out if each wait is waited to its end, and when and why it fails.
    fn run(transport: Transport, timing: Timing) -> (Vec<u64>, u64, Failure) {
        let mut transaction = Transaction::new(request(), transport, timing, ms(0)).unwrap();
        let (mut now, mut times) = (ms(0), Vec::new());
        loop {
            match transaction.poll(now) {
                Action::Send(bytes) => {
                    assert_eq!(bytes, request());
                    times.push(now.as_millis() as u64);
                }
                Action::Wait { until } => now = until,
                Action::Failed(failure) => return (times, now.as_millis() as u64, failure),
                Action::Done => panic!(),
            }
        }
    }

    #[test]
    fn requests_go_out_at_the_times_of_the_rfc() {
        // RFC 8489 section 6.2.1.
        let times = [0, 500, 1500, 3500, 7500, 15_500, 31_500].to_vec();
        let failed = Failure::TimedOut;
        assert_eq!(run(Transport::Unreliable, Timing::default()), (times, 39_500, failed));
        // Section 6.2.2.
        assert_eq!(run(Transport::Reliable, Timing::default()), ([0].to_vec(), 39_500, failed));
        let timing = Timing { rto: ms(100), rc: 3, rm: 4, ..Timing::default() };
        assert_eq!(run(Transport::Unreliable, timing), ([0, 100, 300].to_vec(), 700, failed));
        let timing = Timing { rc: 0, ..timing };
        assert_eq!(run(Transport::Unreliable, timing), ([0].to_vec(), 400, failed));
        let timing = Timing { rto: Duration::MAX, rc: u32::MAX, rm: u32::MAX, ti: Duration::MAX };
        let mut forever =
            Transaction::new(request(), Transport::Unreliable, timing, ms(5)).unwrap();
        assert!(matches!(forever.poll(ms(5)), Action::Send(_)));
        assert_eq!(forever.poll(ms(5)), Action::Wait { until: Duration::MAX });
    }

    #[test]
    fn a_missed_time_is_made_up_for_once() {
        let mut transaction = sent(request(), Transport::Unreliable);
        assert_eq!(transaction.poll(ms(499)), Action::Wait { until: ms(500) });
        assert!(matches!(transaction.poll(ms(10_000)), Action::Send(_)));
        assert_eq!(transaction.poll(ms(10_000)), Action::Wait { until: ms(11_000) });
    }

    #[test]
    fn only_the_response_to_the_request_counts() {
        let mut transaction = sent(request(), Transport::Unreliable);
        let good = message(Class::SuccessResponse, |m| Ok(m));
        let mut other_id = good.clone();
        other_id[19] ^= 1;
        let mut other_method = good.clone();
        other_method[1] = 3;
        for other in [
            &b""[..],
            b"\x80\x60",
            &request(),
            &message(Class::Indication, |m| Ok(m)),
            &other_id,
            &other_method,
        ] {
            assert_eq!(transaction.receive(other, Authentication::None), Received::NotOurs);
        }
        assert_eq!(transaction.round_trip(ms(70)), Some(ms(70)));
        assert!(matches!(transaction.receive(&good, Authentication::None), Received::Success(_)));
        assert_eq!(transaction.poll(ms(500)), Action::Done);
        assert_eq!(transaction.receive(&good, Authentication::None), Received::NotOurs, "again");
        // Before it was sent there can be no response, and after two requests nobody knows to which.
        let timing = Timing::default();
        let mut early = Transaction::new(request(), Transport::Unreliable, timing, ms(0)).unwrap();
        assert_eq!(early.receive(&good, Authentication::None), Received::NotOurs);
        assert_eq!(early.round_trip(ms(70)), None);
        let mut twice = sent(request(), Transport::Unreliable);
        assert!(matches!(twice.poll(ms(500)), Action::Send(_)));
        assert_eq!(twice.round_trip(ms(570)), None);
        for other in [good, b"\x80\x60".to_vec()] {
            assert!(Transaction::new(other, Transport::Unreliable, timing, ms(0)).is_err());
        }
    }

    #[test]
    fn a_response_that_is_not_authentic_changes_nothing_over_udp_and_ends_it_over_tcp() {
        let (right, wrong) = (key(), Key::short_term(b"other"));
        let plain = message(Class::SuccessResponse, |m| Ok(m));
        let forged = message(Class::SuccessResponse, |m| m.push_integrity(&wrong));
        // RFC 8489 section 9.1.4: the algorithm has to be the request's.
        let sha256 = message(Class::SuccessResponse, |m| m.push_integrity_sha256(&right, 32));
        let good = message(Class::SuccessResponse, |m| m.push_integrity(&right));
        for authentication in [Authentication::ShortTerm(&right), Authentication::LongTerm(&right)]
        {
            for bad in [&plain, &forged, &sha256] {
                let mut transaction = sent(request(), Transport::Unreliable);
                let received = transaction.receive(bad, authentication);
                assert!(matches!(received, Received::Discarded(Discarded::Integrity(_))));
                assert!(matches!(transaction.poll(ms(500)), Action::Send(_)), "it goes on");
                assert!(matches!(transaction.receive(&good, authentication), Received::Success(_)));

                let mut transaction = sent(request(), Transport::Unreliable);
                transaction.receive(bad, authentication);
                let last = loop {
                    match transaction.poll(Duration::MAX) {
                        Action::Send(_) => {}
                        last => break last,
                    }
                };
                assert!(matches!(
                    last,
                    Action::Wait { .. } | Action::Failed(Failure::IntegrityViolated)
                ));

                let mut transaction = sent(request(), Transport::Reliable);
                let failed = Failure::IntegrityViolated;
                assert_eq!(transaction.receive(bad, authentication), Received::Failed(failed));
                assert_eq!(transaction.poll(ms(1)), Action::Failed(failed));
            }
        }
        // A request with both is answered with either.
        let both = message(Class::Request, |m| {
            m.push_integrity(&key()).and_then(|m| m.push_integrity_sha256(&key(), 32))
        });
        for response in [&good, &sha256] {
            let mut transaction = sent(both.clone(), Transport::Unreliable);
            let received = transaction.receive(response, Authentication::ShortTerm(&right));
            assert!(matches!(received, Received::Success(_)));
        }
    }

    #[test]
    fn errors_without_integrity_count_where_they_tell_how_to_get_one() {
        let key = key();
        let long = Authentication::LongTerm(&key);
        for code in [Code::UNAUTHENTICATED, Code::STALE_NONCE] {
            let mut transaction = sent(request(), Transport::Unreliable);
            assert!(
                matches!(transaction.receive(&error(code), long), Received::Error(_, c) if c == code)
            );
            let mut transaction = sent(request(), Transport::Unreliable);
            let response = error(code);
            let received = transaction.receive(&response, Authentication::ShortTerm(&key));
            assert!(matches!(received, Received::Discarded(_)));
        }
        // RFC 8489 section 9.2.5: a 400 is as if it had not come in, and no sign of an attack.
        let mut transaction = sent(request(), Transport::Reliable);
        assert!(matches!(
            transaction.receive(&error(Code::BAD_REQUEST), long),
            Received::Discarded(_)
        ));
        assert_eq!(transaction.poll(ms(39_500)), Action::Failed(Failure::TimedOut));
        // A nonce that announces algorithms which are not there.
        let bid_down = message(Class::SuccessResponse, |m| {
            m.push_raw(AttributeType::NONCE, b"obMatJos2AAABx").and_then(|m| m.push_integrity(&key))
        });
        let mut transaction = sent(request(), Transport::Unreliable);
        assert_eq!(transaction.receive(&bid_down, long), Received::Discarded(Discarded::BidDown));
    }

    #[test]
    fn what_must_be_understood_and_is_not_ends_it() {
        for class in [Class::SuccessResponse, Class::ErrorResponse] {
            let unknown = message(class, |m| {
                m.push_raw(AttributeType(0x7FFF), b"")
                    .and_then(|m| m.push(ErrorCode::new(Code(500))))
            });
            let mut transaction = sent(request(), Transport::Unreliable);
            let failed = Received::Failed(Failure::UnknownAttributes);
            assert_eq!(transaction.receive(&unknown, Authentication::None), failed);
        }
        let without_code = message(Class::ErrorResponse, |m| m.push(UnknownAttributes::default()));
        let mut transaction = sent(request(), Transport::Unreliable);
        let failed = Received::Failed(Failure::NoErrorCode);
        assert_eq!(transaction.receive(&without_code, Authentication::None), failed);
    }

    #[test]
    fn a_fingerprint_that_is_there_has_to_be_right() {
        let good = message(Class::SuccessResponse, |m| m.push_fingerprint());
        let mut wrong = good.clone();
        *wrong.last_mut().unwrap() ^= 1;
        let plain = message(Class::SuccessResponse, |m| Ok(m));
        for (required, response, counts) in [
            (false, &good, true),
            (false, &wrong, false),
            (false, &plain, true),
            (true, &good, true),
            (true, &plain, false),
        ] {
            let mut transaction = sent(request(), Transport::Unreliable);
            if required {
                transaction = transaction.require_fingerprint();
            }
            let received = transaction.receive(response, Authentication::None);
            assert_eq!(matches!(received, Received::Success(_)), counts);
            assert_eq!(matches!(received, Received::Discarded(Discarded::Fingerprint(_))), !counts);
        }
    }
}
