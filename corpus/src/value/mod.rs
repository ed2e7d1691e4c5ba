//! The values that are planted, made from the published facts of each format
//! and from nothing of the detectors.
//!
//! Section numbers in the documentation of these modules are those of the
//! project's fact sheet on formats.

pub(crate) mod aws_key;
pub(crate) mod aws_service;
pub(crate) mod aws_signature;
pub(crate) mod azure_key;
pub(crate) mod cloud_url;
pub(crate) mod connection;
pub(crate) mod database_server;
pub(crate) mod database_uri;
pub(crate) mod der;
pub(crate) mod dsa;
pub(crate) mod elliptic;
pub(crate) mod openssh;
pub(crate) mod pem;
pub(crate) mod pgp;
pub(crate) mod presign;
pub(crate) mod putty;
pub(crate) mod rsa;
pub(crate) mod seller;
pub(crate) mod ses;
pub(crate) mod ssh2;
pub(crate) mod sts_token;
pub(crate) mod wire;
