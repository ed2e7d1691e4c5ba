use super::proof::Claim;
pub(super) const VARIANT: &str = "post_policy";
pub(super) fn claim(_: &[u8]) -> Option<Claim> {
    None
}
