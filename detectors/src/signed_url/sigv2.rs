use super::proof::Claim;
pub(super) const VARIANT: &str = "sigv2";
pub(super) fn claim(_: &[u8]) -> Option<Claim> {
    None
}
