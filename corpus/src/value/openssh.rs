//! OpenSSH's own format of private keys (PROTOCOL.key of OpenSSH).

use super::{
    elliptic::{self, Curve, EcKey},
    pem::armour,
    rsa::{RsaPool, RsaSize},
    wire::{ssh_integer, ssh_string},
};
use crate::draw::Draw;

/// The kinds of key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum OpenSshKind {
    Ed25519,
    Rsa,
    Ecdsa,
    EncryptedEd25519,
    EncryptedRsa,
}

impl OpenSshKind {
    /// All of them.
    pub(crate) const ALL: [Self; 5] =
        [Self::Ed25519, Self::Rsa, Self::Ecdsa, Self::EncryptedEd25519, Self::EncryptedRsa];

    fn encrypted(self) -> bool {
        matches!(self, Self::EncryptedEd25519 | Self::EncryptedRsa)
    }
}

/// The public blob and the private fields of a key, both in wire format.
pub(crate) struct SshKey {
    pub(crate) algorithm: &'static str,
    pub(crate) public: Vec<u8>,
    pub(crate) private: Vec<u8>,
    /// The seed of an Ed25519 key.
    pub(crate) seed: Option<[u8; 32]>,
}

/// A new Ed25519 key.
pub(crate) fn ed25519(draw: &mut Draw) -> SshKey {
    let (seed, point) = elliptic::ed25519(draw);
    let mut public = Vec::new();
    ssh_string(&mut public, b"ssh-ed25519");
    ssh_string(&mut public, &point);
    let mut private = public.clone();
    ssh_string(&mut private, &[seed, point].concat());
    SshKey { algorithm: "ssh-ed25519", public, private, seed: Some(seed) }
}

/// A new RSA key.
pub(crate) fn rsa(pool: &mut RsaPool) -> SshKey {
    let key = pool.key(RsaSize::Usual);
    let mut public = Vec::new();
    ssh_string(&mut public, b"ssh-rsa");
    ssh_integer(&mut public, &key.exponent);
    ssh_integer(&mut public, &key.modulus);
    let mut private = Vec::new();
    ssh_string(&mut private, b"ssh-rsa");
    for number in
        [&key.modulus, &key.exponent, &key.private, &key.coefficient, &key.prime1, &key.prime2]
    {
        ssh_integer(&mut private, number);
    }
    SshKey { algorithm: "ssh-rsa", public, private, seed: None }
}

/// A new ECDSA key over P-256.
pub(crate) fn ecdsa(draw: &mut Draw) -> SshKey {
    let key = EcKey::new(draw, Curve::P256);
    let mut public = Vec::new();
    ssh_string(&mut public, b"ecdsa-sha2-nistp256");
    ssh_string(&mut public, b"nistp256");
    ssh_string(&mut public, &key.point);
    let mut private = public.clone();
    ssh_integer(&mut private, &key.scalar);
    SshKey { algorithm: "ecdsa-sha2-nistp256", public, private, seed: None }
}

/// A new private key file, from BEGIN to END.
pub(crate) fn private_key(
    draw: &mut Draw,
    pool: &mut RsaPool,
    kind: OpenSshKind,
    comment: &str,
) -> String {
    let key = match kind {
        OpenSshKind::Ed25519 | OpenSshKind::EncryptedEd25519 => ed25519(draw),
        OpenSshKind::Rsa | OpenSshKind::EncryptedRsa => rsa(pool),
        OpenSshKind::Ecdsa => ecdsa(draw),
    };
    let check = draw.array::<4>();
    let mut section = [check, check].concat();
    section.extend_from_slice(&key.private);
    ssh_string(&mut section, comment.as_bytes());
    // The block size of "none" is 8, that of AES 16.
    let block = if kind.encrypted() { 16 } else { 8 };
    let mut pad = 1;
    while section.len() % block != 0 {
        section.push(pad);
        pad += 1;
    }

    let mut out = b"openssh-key-v1\0".to_vec();
    if kind.encrypted() {
        ssh_string(&mut out, b"aes256-ctr");
        ssh_string(&mut out, b"bcrypt");
        let mut options = Vec::new();
        ssh_string(&mut options, &draw.array::<16>());
        options.extend_from_slice(&draw.pick(&[16_u32, 24]).to_be_bytes());
        ssh_string(&mut out, &options);
        section = draw.bytes(section.len());
    } else {
        ssh_string(&mut out, b"none");
        ssh_string(&mut out, b"none");
        ssh_string(&mut out, b"");
    }
    out.extend_from_slice(&1_u32.to_be_bytes());
    ssh_string(&mut out, &key.public);
    ssh_string(&mut out, &section);
    armour("OPENSSH PRIVATE KEY", "", &out, 70).trim_end().to_owned()
}
