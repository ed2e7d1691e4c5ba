//! AWS account numbers.

/// Whether an account number is one that only documentation and emulators use.
pub(super) fn is_documentation(account: u64) -> bool {
    matches!(
        account,
        0 | 123456789012 | 111122223333 | 444455556666 | 111111111111 | 999999999999 | 210987654321
    )
}
