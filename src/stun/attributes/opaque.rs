//! Attributes of companies that registered a number and published no format: bytes.

use super::bytes_attribute;

bytes_attribute! {
    /// CISCO-STUN-FLOWDATA: bytes without a published format.
    CiscoStunFlowdata, CISCO_STUN_FLOWDATA
}
bytes_attribute! {
    /// ENF-FLOW-DESCRIPTION: bytes without a published format. libwebrtc has put
    /// [another attribute](crate::stun::unregistered::Nomination) under the same number.
    EnfFlowDescription, ENF_FLOW_DESCRIPTION
}
bytes_attribute! {
    /// ENF-NETWORK-STATUS: bytes without a published format.
    EnfNetworkStatus, ENF_NETWORK_STATUS
}
bytes_attribute! {
    /// CISCO-WEBEX-FLOW-INFO: bytes without a published format.
    CiscoWebexFlowInfo, CISCO_WEBEX_FLOW_INFO
}
bytes_attribute! {
    /// CITRIX-TRANSACTION-ID: bytes without a published format.
    CitrixTransactionId, CITRIX_TRANSACTION_ID
}
