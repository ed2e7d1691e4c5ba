//! AWS regions.

/// Every region of the partitions `aws`, `aws-cn` and `aws-us-gov`.
/// Source: AWS General Reference, "AWS Regions" (2026).
pub(super) const REGIONS: &[&str] = &[
    "us-east-1",
    "us-east-2",
    "us-west-1",
    "us-west-2",
    "af-south-1",
    "ap-east-1",
    "ap-east-2",
    "ap-northeast-1",
    "ap-northeast-2",
    "ap-northeast-3",
    "ap-south-1",
    "ap-south-2",
    "ap-southeast-1",
    "ap-southeast-2",
    "ap-southeast-3",
    "ap-southeast-4",
    "ap-southeast-5",
    "ap-southeast-6",
    "ap-southeast-7",
    "ca-central-1",
    "ca-west-1",
    "eu-central-1",
    "eu-central-2",
    "eu-north-1",
    "eu-south-1",
    "eu-south-2",
    "eu-west-1",
    "eu-west-2",
    "eu-west-3",
    "eusc-de-east-1",
    "il-central-1",
    "me-central-1",
    "me-south-1",
    "mx-central-1",
    "sa-east-1",
    "cn-north-1",
    "cn-northwest-1",
    "us-gov-east-1",
    "us-gov-west-1",
];

/// Whether a text has the form of a region: two to four letters, words, a
/// digit, joined by hyphens. Regions are added every year, so the form decides
/// and not the list.
pub(super) fn is_region(text: &[u8]) -> bool {
    let mut fields = text.split(|b| *b == b'-');
    let (Some(area), Some(number)) = (fields.next(), fields.next_back()) else { return false };
    let mut words = 0;
    (2..=4).contains(&area.len())
        && area.iter().all(u8::is_ascii_lowercase)
        && number.len() == 1
        && number[0].is_ascii_digit()
        && fields.all(|word| {
            words += 1;
            (2..=10).contains(&word.len()) && word.iter().all(u8::is_ascii_lowercase)
        })
        && (1..=2).contains(&words)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_known_region_has_the_form() {
        for region in REGIONS {
            assert!(is_region(region.as_bytes()), "{region}");
        }
        for text in ["", "us-east", "us-east-1a", "US-EAST-1", "us--1", "1-east-1", "s3"] {
            assert!(!is_region(text.as_bytes()), "{text}");
        }
    }
}
