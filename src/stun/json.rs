//! A message as the inspector prints it.

use core::net::SocketAddr;
use serde::ser::{Serialize, SerializeMap, SerializeSeq, Serializer};

use super::attributes::*;
use super::fingerprint::Crc;
use super::{Attribute, HEADER_LEN, Message};
use crate::ser::{Hex, List, text};

impl Serialize for Message<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("class", self.class().name())?;
        map.serialize_entry("method", &self.method().0)?;
        if let Some(name) = self.method().name() {
            map.serialize_entry("method_name", name)?;
        }
        map.serialize_entry("length", &self.length())?;
        map.serialize_entry("cookie", &Hex(&self.cookie().to_be_bytes()))?;
        map.serialize_entry("transaction_id", &Hex(&self.transaction_id().0))?;
        map.serialize_entry("attributes", &AllAttributes(self))?;
        map.end()
    }
}

/// The list of attributes. The CRC goes along, so that many a FINGERPRINT costs no more than one.
struct AllAttributes<'m>(&'m Message<'m>);

impl Serialize for AllAttributes<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let (head, id, _) = self.0.before(HEADER_LEN);
        let mut crc = Crc::new();
        crc.update(head);
        crc.update(id);
        let (mut rest, mut at) = (self.0.attribute_bytes(), HEADER_LEN);
        let mut list = serializer.serialize_seq(None)?;
        for attribute in self.0.attributes() {
            let (before, after) =
                rest.split_at_checked(attribute.offset().saturating_sub(at)).unwrap_or((rest, &[]));
            crc.update(before);
            (rest, at) = (after, attribute.offset());
            list.serialize_element(&One { attribute, crc: &crc })?;
        }
        list.end()
    }
}

/// One attribute, and the CRC of the message before it.
struct One<'m> {
    attribute: Attribute<'m>,
    crc: &'m Crc,
}

impl Serialize for One<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let attribute = &self.attribute;
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("type", &attribute.attribute_type().0)?;
        if let Some(name) = attribute.attribute_type().name() {
            map.serialize_entry("name", name)?;
        }
        map.serialize_entry("length", &attribute.value().len())?;
        match attribute.decode() {
            Ok(value) => fields(&mut map, &value, attribute.value(), self.crc)?,
            Err(_) => map.serialize_entry("data", &Hex(attribute.value()))?,
        }
        map.end()
    }
}

/// The fields of a value, by its type.
fn fields<M: SerializeMap>(
    map: &mut M,
    value: &AttributeValue<'_>,
    bytes: &[u8],
    crc: &Crc,
) -> Result<(), M::Error> {
    use AttributeValue as V;
    match *value {
        V::MappedAddress(MappedAddress(address))
        | V::XorMappedAddress(XorMappedAddress(address))
        | V::XorPeerAddress(XorPeerAddress(address))
        | V::XorRelayedAddress(XorRelayedAddress(address))
        | V::AlternateServer(AlternateServer(address))
        | V::ResponseOrigin(ResponseOrigin(address))
        | V::OtherAddress(OtherAddress(address))
        | V::ResponseAddress(ResponseAddress(address))
        | V::SourceAddress(SourceAddress(address))
        | V::ChangedAddress(ChangedAddress(address))
        | V::ReflectedFrom(ReflectedFrom(address)) => transport_address(map, &address),
        V::Username(Username(value))
        | V::Realm(Realm(value))
        | V::Nonce(Nonce(value))
        | V::Software(Software(value))
        | V::AlternateDomain(AlternateDomain(value)) => text(map, ("value", "value_hex"), value),
        V::ErrorCode(ErrorCode { code, reason }) => {
            map.serialize_entry("code", &code.0)?;
            text(map, ("reason", "reason_hex"), reason)
        }
        V::AddressErrorCode(AddressErrorCode { family, code, reason }) => {
            map.serialize_entry("family", family.name())?;
            map.serialize_entry("code", &code.0)?;
            text(map, ("reason", "reason_hex"), reason)
        }
        V::UnknownAttributes(list) => {
            map.serialize_entry("unknown_types", &List(list.types().map(|t| t.0)))
        }
        V::MessageIntegrity(_) | V::MessageIntegritySha256(_) | V::GoogMessageIntegrity32(_) => {
            map.serialize_entry("hmac", &Hex(bytes))
        }
        V::Fingerprint(found) => {
            map.serialize_entry("crc32", &Hex(bytes))?;
            map.serialize_entry("valid", &(crc.clone().fingerprint() == found))
        }
        V::Priority(Priority(priority)) => map.serialize_entry("priority", &priority),
        V::IceControlled(_) | V::IceControlling(_) => {
            map.serialize_entry("tie_breaker", &Hex(bytes))
        }
        V::Lifetime(Lifetime(seconds)) => map.serialize_entry("lifetime", &seconds),
        V::ChannelNumber(ChannelNumber(number)) => map.serialize_entry("channel_number", &number),
        V::RequestedTransport(RequestedTransport(protocol)) => {
            map.serialize_entry("protocol", &protocol)
        }
        V::RequestedAddressFamily(RequestedAddressFamily(family))
        | V::AdditionalAddressFamily(AdditionalAddressFamily(family)) => {
            map.serialize_entry("family", family.name())
        }
        V::EvenPort(EvenPort { reserve }) => map.serialize_entry("reserve", &reserve),
        V::ReservationToken(_) => map.serialize_entry("token", &Hex(bytes)),
        V::ChangeRequest(ChangeRequest { change_ip, change_port }) => {
            map.serialize_entry("change_ip", &change_ip)?;
            map.serialize_entry("change_port", &change_port)
        }
        V::PasswordAlgorithm(PasswordAlgorithm { algorithm, parameters }) => {
            map.serialize_entry("algorithm", &algorithm.0)?;
            map.serialize_entry("parameters", &Hex(parameters))
        }
        V::PasswordAlgorithms(list) => {
            map.serialize_entry("algorithms", &List(list.algorithms().map(Algorithm)))
        }
        V::UserHash(_) => map.serialize_entry("hash", &Hex(bytes)),
        V::Icmp(Icmp { icmp_type, icmp_code, icmp_data }) => {
            map.serialize_entry("icmp_type", &icmp_type)?;
            map.serialize_entry("icmp_code", &icmp_code)?;
            map.serialize_entry("icmp_data", &icmp_data)
        }
        V::UseCandidate(_) | V::DontFragment(_) => Ok(()),
        V::Password(_) => map.serialize_entry("password", &Hex(bytes)),
        V::AccessToken(AccessToken { nonce, encrypted_block }) => {
            map.serialize_entry("nonce", &Hex(nonce))?;
            map.serialize_entry("encrypted_block", &Hex(encrypted_block))
        }
        V::Padding(_) => map.serialize_entry("padding", &Hex(bytes)),
        V::ResponsePort(ResponsePort(port)) => map.serialize_entry("port", &port),
        V::ConnectionId(ConnectionId(id)) => map.serialize_entry("connection_id", &id),
        V::TransactionTransmitCounter(TransactionTransmitCounter { req, resp }) => {
            map.serialize_entry("req", &req)?;
            map.serialize_entry("resp", &resp)
        }
        V::CacheTimeout(CacheTimeout(seconds)) => map.serialize_entry("seconds", &seconds),
        V::EcnCheck(EcnCheck { ecf, valid }) => {
            map.serialize_entry("ecf", &ecf)?;
            map.serialize_entry("v", &valid)
        }
        V::ThirdPartyAuthorization(ThirdPartyAuthorization(name)) => {
            text(map, ("server_name", "server_name_hex"), name)
        }
        V::MobilityTicket(_) => map.serialize_entry("ticket", &Hex(bytes)),
        V::GoogNetworkInfo(GoogNetworkInfo { network_id, network_cost }) => {
            map.serialize_entry("network_id", &network_id)?;
            map.serialize_entry("network_cost", &network_cost)
        }
        V::GoogLastIceCheckReceived(_) => map.serialize_entry("transaction_id", &Hex(bytes)),
        V::GoogMiscInfo(info) => map.serialize_entry("values", &List(info.values())),
        // 64 bits are more than a JSON number keeps.
        V::GoogDeltaAck(_) => map.serialize_entry("ack", &Hex(bytes)),
        V::MetaDtlsInStun(_) => map.serialize_entry("dtls_packet", &Hex(bytes)),
        V::MetaDtlsInStunAcknowledgement(MetaDtlsInStunAcknowledgement { crc32s }) => {
            map.serialize_entry("crc32s", &List(crc32s.iter().map(|crc| Hex(crc))))
        }
        V::Data(_)
        | V::CiscoStunFlowdata(_)
        | V::EnfFlowDescription(_)
        | V::EnfNetworkStatus(_)
        | V::CiscoWebexFlowInfo(_)
        | V::CitrixTransactionId(_)
        | V::GoogObsolete1(_)
        | V::GoogConnectionId(_)
        | V::GoogDelta(_)
        | V::GoogDeltaSyncReq(_)
        | V::Other(_) => map.serialize_entry("data", &Hex(bytes)),
    }
}

fn transport_address<M: SerializeMap>(map: &mut M, address: &SocketAddr) -> Result<(), M::Error> {
    map.serialize_entry("family", AddressFamily::of(&address.ip()).name())?;
    map.serialize_entry("address", &Shown(address.ip()))?;
    map.serialize_entry("port", &address.port())
}

/// A string of what it displays.
struct Shown<T>(T);

impl<T: core::fmt::Display> Serialize for Shown<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0)
    }
}

/// One of the algorithms that a server offers.
struct Algorithm<'a>(PasswordAlgorithm<'a>);

impl Serialize for Algorithm<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(2))?;
        map.serialize_entry("algorithm", &self.0.algorithm.0)?;
        map.serialize_entry("parameters", &Hex(self.0.parameters))?;
        map.end()
    }
}
