//! Keys of Azure services, most of which carry a signature and a checksum.
//!
//! [`form`] knows the forms, [`reading`] finds a key's characters around its
//! signature, [`surroundings`] what the connection string around a key says. The
//! other files are the detectors.
//!
//! Sources: microsoft/security-utilities, `IdentifiableMetadata.cs` and the
//! SEC101 classes; Azure documentation, "Configure Azure Storage connection
//! strings", "Get an Event Hubs connection string", "Secure access to data in
//! Azure Cosmos DB".

mod account_key;
mod annotated_key;
mod client_secret;
mod form;
mod reading;
mod service_key;
mod shared_access_key;
mod surroundings;

use crate::detector::Detector;

/// The detectors of Azure keys.
pub(super) fn detectors() -> [Detector; 5] {
    [
        account_key::KEY.clone(),
        shared_access_key::KEY.clone(),
        service_key::KEY.clone(),
        annotated_key::KEY.clone(),
        client_secret::SECRET.clone(),
    ]
}
