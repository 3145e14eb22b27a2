//! Every STUN attribute with random content, pushed into a message.

use std::net::SocketAddr;

use mediawire::BuildError;
use mediawire::stun::*;

use crate::build::source::Source;
use crate::random_newtypes;

random_newtypes!(TransactionId, PasswordAlgorithmId);

/// What became of an attribute that was pushed.
pub struct Pushed<'a> {
    pub attribute_type: AttributeType,
    pub value_len: usize,
    /// The standard allows its value.
    pub allowed: bool,
    pub result: Result<(), BuildError>,
    /// Whether an attribute that was read is this one.
    pub same: Box<dyn Fn(&Attribute<'_>) -> bool + 'a>,
}

type Push = for<'a> fn(&mut Source<'a>, &mut MessageWriter<'_>) -> Pushed<'a>;

macro_rules! attributes {
    ($($name:ident $(< $lt:lifetime >)? = $value:expr;)*) => {
        /// One function an attribute.
        pub const ATTRIBUTES: &[Push] = &[$(
            |s, writer| {
                let make: for<'a> fn(&mut Source<'a>) -> $name $(<$lt>)? = $value;
                let value = make(s);
                Pushed {
                    attribute_type: <$name as TypedAttribute>::TYPE,
                    value_len: value.value_len(),
                    allowed: !s.was_forbidden(),
                    result: writer.push(value).map(drop),
                    same: Box::new(move |read| read.parse_as::<$name>() == Ok(value)),
                }
            },
        )*];
    };
}

attributes! {
    MappedAddress = |s| MappedAddress(s.address());
    ResponseAddress = |s| ResponseAddress(s.classic_address());
    ChangeRequest = |s| ChangeRequest { change_ip: s.any(), change_port: s.any() };
    SourceAddress = |s| SourceAddress(s.classic_address());
    ChangedAddress = |s| ChangedAddress(s.classic_address());
    Username<'a> = |s| Username(s.string());
    Password<'a> = |s| {
        let password = s.bytes(20);
        s.forbid(password.len() % 4 != 0);
        Password(password)
    };
    ErrorCode<'a> = |s| ErrorCode { code: s.code(), reason: s.phrase() };
    UnknownAttributes<'a> = |s| UnknownAttributes { types: s.chunks(5) };
    ReflectedFrom = |s| ReflectedFrom(s.classic_address());
    ChannelNumber = |s| ChannelNumber(s.channel());
    Lifetime = |s| Lifetime(s.any());
    XorPeerAddress = |s| XorPeerAddress(s.address());
    Data<'a> = |s| Data(s.bytes(40));
    Realm<'a> = |s| Realm(s.phrase());
    Nonce<'a> = |s| Nonce(s.phrase());
    XorRelayedAddress = |s| XorRelayedAddress(s.address());
    RequestedAddressFamily = |s| RequestedAddressFamily(s.family());
    EvenPort = |s| EvenPort { reserve: s.any() };
    RequestedTransport = |s| RequestedTransport(s.any());
    DontFragment = |_| DontFragment;
    AccessToken<'a> = |s| AccessToken { nonce: s.bytes(12), encrypted_block: s.bytes(30) };
    PasswordAlgorithm<'a> = |s| s.algorithm();
    UserHash = |s| UserHash(s.any());
    XorMappedAddress = |s| XorMappedAddress(s.address());
    ReservationToken = |s| ReservationToken(s.any());
    Priority = |s| Priority(s.priority());
    UseCandidate = |_| UseCandidate;
    Padding<'a> = |s| Padding(s.bytes(40));
    ResponsePort = |s| ResponsePort(s.any());
    ConnectionId = |s| ConnectionId(s.any());
    AddressErrorCode<'a> = |s| AddressErrorCode { family: s.family(), code: s.code(), reason: s.phrase() };
    AlternateDomain<'a> = |s| {
        let domain = s.string();
        s.forbid(!domain.is_ascii() || domain.len() > 255);
        AlternateDomain(domain)
    };
    Icmp = |s| Icmp { icmp_type: s.any(), icmp_code: s.any(), icmp_data: s.any() };
    Software<'a> = |s| Software(s.phrase());
    AlternateServer = |s| AlternateServer(s.address());
    TransactionTransmitCounter = |s| TransactionTransmitCounter { req: s.any(), resp: s.any() };
    CacheTimeout = |s| CacheTimeout(s.any());
    IceControlled = |s| IceControlled(s.any());
    IceControlling = |s| IceControlling(s.any());
    ResponseOrigin = |s| ResponseOrigin(s.address());
    OtherAddress = |s| OtherAddress(s.address());
    EcnCheck = |s| EcnCheck { ecf: s.up_to(3), valid: s.any() };
    MobilityTicket<'a> = |s| MobilityTicket(s.bytes(30));
    GoogNetworkInfo = |s| GoogNetworkInfo { network_id: s.any(), network_cost: s.any() };
    GoogDelta<'a> = |s| GoogDelta(s.bytes(30));
    MetaDtlsInStun<'a> = |s| MetaDtlsInStun(s.bytes(60));
}

impl<'a> Source<'a> {
    fn address(&mut self) -> SocketAddr {
        match self.any() {
            true => SocketAddr::from((self.any::<[u8; 4]>(), self.any())),
            false => SocketAddr::from((self.any::<[u8; 16]>(), self.any())),
        }
    }

    /// RFC 3489 section 11.2.1: IPv4 alone.
    fn classic_address(&mut self) -> SocketAddr {
        if self.rarely() {
            self.forbid(true);
            return SocketAddr::from((self.any::<[u8; 16]>(), self.any()));
        }
        SocketAddr::from((self.any::<[u8; 4]>(), self.any()))
    }

    fn family(&mut self) -> AddressFamily {
        if self.any() { AddressFamily::Ipv4 } else { AddressFamily::Ipv6 }
    }

    /// RFC 8445 section 5.1.2: 1 to 2^31 - 1.
    fn priority(&mut self) -> u32 {
        let priority = self.up_to(u32::MAX >> 1);
        self.forbid(priority == 0);
        priority
    }

    /// RFC 8489 section 14.8.
    fn code(&mut self) -> Code {
        let code = if self.rarely() { self.any() } else { 300 + self.any::<u16>() % 400 };
        self.forbid(!(300..700).contains(&code));
        Code(code)
    }

    /// RFC 8656 section 12.
    pub fn channel(&mut self) -> u16 {
        let channel: u16 = self.any();
        let channel = if self.rarely() { channel } else { 0x4000 | channel & 0xFFF };
        self.forbid(!(0x4000..0x5000).contains(&channel));
        channel
    }

    /// UTF-8, mostly.
    fn string(&mut self) -> &'a [u8] {
        let bytes = self.text(24);
        if self.rarely() {
            self.forbid(std::str::from_utf8(bytes).is_err());
            return bytes;
        }
        let text: String = bytes.iter().map(|&byte| char::from(byte & 0x7F)).collect();
        self.keep_list(text.as_bytes())
    }

    /// The same, of fewer than 128 characters.
    fn phrase(&mut self) -> &'a [u8] {
        let text = self.string();
        let chars = std::str::from_utf8(text).map_or(0, |text| text.chars().count());
        self.forbid(chars >= 128);
        text
    }

    fn algorithm(&mut self) -> PasswordAlgorithm<'a> {
        PasswordAlgorithm { algorithm: self.any(), parameters: self.bytes(9) }
    }
}
