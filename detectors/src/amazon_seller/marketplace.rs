//! Amazon's marketplaces: public identifiers that tell a seller's file from any
//! other.
//!
//! Source: the Selling Partner API documentation, "Marketplace IDs"; several
//! client libraries hold the same list.

/// Identifier and country code of each marketplace.
const MARKETPLACES: &[(&[u8], &str)] = &[
    (b"ATVPDKIKX0DER", "US"),
    (b"A2EUQ1WTGCTBG2", "CA"),
    (b"A1AM78C64UM0Y8", "MX"),
    (b"A2Q3Y263D00KWC", "BR"),
    (b"A1F83G8C2ARO7P", "UK"),
    (b"A1PA6795UKMFR9", "DE"),
    (b"A13V1IB3VIYZZH", "FR"),
    (b"APJ6JRA9NG5V4", "IT"),
    (b"A1RKKUPIHCS9HS", "ES"),
    (b"A1805IZSGTT6HS", "NL"),
    (b"A2NODRKZP88ZB9", "SE"),
    (b"A1C3SOZRARQ6R3", "PL"),
    (b"AMEN7PMS3EDWL", "BE"),
    (b"A28R8C7NBKEWEA", "IE"),
    (b"A33AVAJ2PDY3EV", "TR"),
    (b"A2VIGQ35RCS4UG", "AE"),
    (b"A17E79C6D8DWNP", "SA"),
    (b"ARBP9OOSHTCHU", "EG"),
    (b"AE08WJ6YKNBMC", "ZA"),
    (b"A21TJRUUN4KGV", "IN"),
    (b"A19VAU5U5O7RUS", "SG"),
    (b"A39IBJ37TRP1C6", "AU"),
    (b"A1VC38T7YXB528", "JP"),
];

/// The country of the marketplace with this identifier.
pub(super) fn country(id: &[u8]) -> Option<&'static str> {
    MARKETPLACES.iter().find(|(known, _)| *known == id).map(|(_, country)| *country)
}

/// Fewest and most characters of a seller's identifier, the `A` included
/// (observed).
const SELLER_LEN: std::ops::RangeInclusive<usize> = 13..=15;

/// Whether this is a seller's identifier (also called merchant id or merchant
/// token): an `A`, then capital letters and digits. Marketplaces have the same
/// form and are none, nor are words in capitals and documentation values.
pub(super) fn is_seller(id: &[u8]) -> bool {
    SELLER_LEN.contains(&id.len())
        && id[0] == b'A'
        && id.iter().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit())
        && id.iter().any(u8::is_ascii_digit)
        && country(id).is_none()
        && crate::placeholder::refusal(id).is_none()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sellers_are_no_marketplaces() {
        assert_eq!(country(b"A1PA6795UKMFR9"), Some("DE"));
        assert!(is_seller(b"A2K9PX4QW7MZ3T"));
        for other in ["A1PA6795UKMFR9", "A2NEXAMPLETF53", "ACCOUNTNUMBER", "A2K9", "B2K9PX4QW7MZ3T"]
        {
            assert!(!is_seller(other.as_bytes()), "{other}");
        }
    }
}
