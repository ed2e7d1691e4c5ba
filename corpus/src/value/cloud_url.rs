//! Signed URLs and tokens of clouds other than AWS (§3.5, §3.6, §3.7).
//!
//! The signatures are random: nothing offline can tell, as the keys that would
//! make them do not exist.

use base64::{
    Engine,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use time::{Duration, OffsetDateTime};

use crate::{
    draw::{ALNUM, BASE32, Draw, LOWER_ALNUM},
    escape::percent_encoded,
    vocabulary::{self, word},
};

/// A URL or token, and whether it has expired.
pub(crate) type Made = (String, bool);

const OBJECTS: &[&str] = &[
    "backup.sql.gz",
    "users.csv",
    "video.mp4",
    "report 2025.pdf",
    "a/b/c.json",
    "über.txt",
    "img_1.png",
    "model.bin",
    "voice/rec-001.wav",
];

/// A path of some directories and a file, percent-encoded.
pub(crate) fn object(draw: &mut Draw) -> String {
    let mut path = String::new();
    for _ in 0..draw.below(3) {
        path += &format!("{}/", word(draw, "kebab"));
    }
    path += draw.text(OBJECTS);
    path.split('/').map(percent_encoded).collect::<Vec<_>>().join("/")
}

/// A moment that has passed, or lies ahead, with the same chance; seldom years
/// away.
fn expiry(draw: &mut Draw, now: OffsetDateTime) -> (OffsetDateTime, bool) {
    let far = match draw.below(4) {
        0 => 20 * 365 * 86_400,
        1 => 365 * 86_400,
        _ => 6 * 86_400,
    };
    let seconds = draw.within(60..=far) as i64;
    if draw.chance(0.5) {
        let back = seconds.min(8 * 365 * 86_400);
        (now - Duration::seconds(back), true)
    } else {
        (now + Duration::seconds(seconds), false)
    }
}

/// When something was signed and for how many seconds, a week at most.
fn week(draw: &mut Draw, now: OffsetDateTime) -> (OffsetDateTime, u64, bool) {
    let life = *draw.pick(&[300_u64, 900, 3600, 86_400, 604_800]);
    let signed = if draw.chance(0.5) {
        now - Duration::seconds(draw.within(1..=life - 1) as i64)
    } else {
        now - Duration::seconds((life + draw.within(1..=900 * 86_400)) as i64)
    };
    let expired = signed + Duration::seconds(life as i64) <= now;
    (signed, life, expired)
}

/// Puts the parameters together, in their order or any other.
fn query(draw: &mut Draw, mut parameters: Vec<(&str, String)>, free: bool) -> String {
    if free && draw.chance(0.3) {
        draw.shuffle(&mut parameters);
    }
    parameters.iter().map(|(n, v)| format!("{n}={v}")).collect::<Vec<_>>().join("&")
}

/// A SAS of Azure Storage without the URL, its leading question mark included or
/// not, and the time it is about.
fn storage_query(draw: &mut Draw, now: OffsetDateTime, kind: usize) -> Made {
    let (end, expired) = expiry(draw, now);
    let start = end.min(now) - Duration::days(draw.within(1..=30) as i64);
    let style = draw.below(3);
    let raw = draw.chance(0.2);
    let time = |t: OffsetDateTime| {
        let text = match style {
            0 => format!("{}T{:02}:{:02}Z", t.date(), t.hour(), t.minute()),
            _ => format!("{}T{:02}:{:02}:{:02}Z", t.date(), t.hour(), t.minute(), t.second()),
        };
        if raw { text } else { percent_encoded(&text) }
    };
    let version =
        draw.text(&["2015-04-05", "2018-03-28", "2019-12-12", "2020-08-04", "2022-11-02"]);
    let signature = percent_encoded(&STANDARD.encode(draw.array::<32>()));
    let mut all = vec![("sv", version.to_owned())];
    match kind {
        0 => {
            all.push(("ss", draw.text(&["b", "bf", "bfqt", "q", "t"]).into()));
            all.push(("srt", draw.text(&["s", "co", "sco", "o"]).into()));
            all.push(("sp", draw.text(&["r", "rl", "rwdlac", "rwdlacupiytfx", "rwlac"]).into()));
        }
        _ => {
            all.push(("sr", draw.text(&["b", "c", "b"]).into()));
            all.push(("sp", draw.text(&["r", "rl", "racwdl", "cw", "r"]).into()));
        }
    }
    if draw.chance(0.7) {
        all.push(("st", time(start)));
    }
    all.push(("se", time(end)));
    if kind == 2 {
        let key_start = start.max(end - Duration::days(3));
        let key_end = end + Duration::hours(2);
        all.push(("skoid", word(draw, "uuid")));
        all.push(("sktid", word(draw, "uuid")));
        all.push(("skt", time(key_start)));
        all.push(("ske", time(key_end)));
        all.push(("sks", "b".into()));
        all.push(("skv", version.to_owned()));
    }
    if draw.chance(0.5) {
        all.push(("spr", "https".into()));
    }
    all.push(("sig", signature));
    (query(draw, all, true), expired)
}

/// A URL of Azure Storage with a SAS of an account, a service or a user's
/// delegation.
pub(crate) fn azure_storage(draw: &mut Draw, now: OffsetDateTime) -> Made {
    let kind = draw.below(3);
    let (query, expired) = storage_query(draw, now, kind);
    let length = 3 + draw.below(10);
    let account =
        format!("{}{}", draw.word(b"bcdfghjklmnpqrstvwxyz", 3), draw.word(LOWER_ALNUM, length));
    let service = draw.text(&["blob", "blob", "file", "dfs", "queue", "table"]);
    let zone = draw.text(&[
        "core.windows.net",
        "core.windows.net",
        "core.windows.net",
        "core.chinacloudapi.cn",
        "core.usgovcloudapi.net",
    ]);
    let container = word(draw, "kebab");
    let object = object(draw);
    (format!("https://{account}.{service}.{zone}/{container}/{object}?{query}"), expired)
}

/// The bare SAS of an account or a delegation, as settings hold it.
pub(crate) fn azure_storage_token(draw: &mut Draw, now: OffsetDateTime) -> Made {
    let kind = *draw.pick(&[0, 0, 1, 2]);
    let (query, expired) = storage_query(draw, now, kind);
    let mark = if draw.chance(0.4) { "?" } else { "" };
    (format!("{mark}{query}"), expired)
}

/// A shared access signature of Service Bus, Event Hubs or IoT Hub.
pub(crate) fn azure_bus(draw: &mut Draw, now: OffsetDateTime) -> Made {
    let (end, expired) = expiry(draw, now);
    let name = word(draw, "kebab");
    let entity = word(draw, "noun");
    let (resource, policy) = match draw.below(4) {
        0 => (format!("{name}.azure-devices.net/devices/{entity}"), None),
        1 => (format!("{name}.azure-devices.net"), Some("iothubowner")),
        2 => (format!("https://{name}.servicebus.windows.net/{entity}"), Some("send")),
        _ => (
            format!("sb://{name}.servicebus.windows.net/{entity}"),
            Some("RootManageSharedAccessKey"),
        ),
    };
    let mut resource = percent_encoded(&resource);
    if draw.chance(0.4) {
        resource = resource.replace("%3A", "%3a").replace("%2F", "%2f");
    }
    let mut all = vec![
        ("sr", resource),
        ("sig", percent_encoded(&STANDARD.encode(draw.array::<32>()))),
        ("se", end.unix_timestamp().to_string()),
    ];
    if let Some(policy) = policy {
        all.push(("skn", policy.into()));
    }
    (format!("SharedAccessSignature {}", query(draw, all, true)), expired)
}

/// The URL that triggers a workflow of Logic Apps or Power Automate.
pub(crate) fn azure_workflow(draw: &mut Draw) -> String {
    let trigger = draw.text(&["manual", "request", "When_a_HTTP_request_is_received"]);
    let region = draw.text(&["westeurope", "eastus", "northeurope", "westus2", "centralus"]);
    let number = draw.within(1..=199);
    let workflow = draw.hex(32);
    let signature = URL_SAFE_NO_PAD.encode(draw.array::<32>());
    let version = draw.text(&["2016-06-01", "2016-10-01", "2019-05-01"]);
    let port = draw.text(&[":443", ""]);
    format!(
        "https://prod-{number:02}.{region}.logic.azure.com{port}/workflows/{workflow}/triggers/\
         {trigger}/paths/invoke?api-version={version}&sp=%2Ftriggers%2F{trigger}%2Frun&sv=1.0&\
         sig={signature}"
    )
}

/// A service account's address.
fn service_account(draw: &mut Draw) -> String {
    let (name, project) = (word(draw, "kebab"), word(draw, "kebab"));
    format!("{name}@{project}-{}.iam.gserviceaccount.com", draw.within(100..=999_999))
}

/// A signed URL of Google Cloud Storage.
pub(crate) fn gcs(draw: &mut Draw, now: OffsetDateTime) -> Made {
    let bucket = word(draw, "bucket");
    let object = object(draw);
    let place = match draw.below(3) {
        0 => format!("https://{bucket}.storage.googleapis.com/{object}"),
        _ => format!("https://storage.googleapis.com/{bucket}/{object}"),
    };
    let hmac = draw.chance(0.2);
    let signer =
        if hmac { format!("GOOG1E{}", draw.word(BASE32, 55)) } else { service_account(draw) };
    if draw.chance(0.35) {
        let (end, expired) = expiry(draw, now);
        let signature = if hmac { draw.bytes(20) } else { draw.bytes(256) };
        let all = vec![
            ("GoogleAccessId", percent_encoded(&signer)),
            ("Expires", end.unix_timestamp().to_string()),
            ("Signature", percent_encoded(&STANDARD.encode(signature))),
        ];
        return (format!("{place}?{}", query(draw, all, true)), expired);
    }
    let (signed, life, expired) = week(draw, now);
    let at = vocabulary::amz_date(signed);
    let location = draw.text(&["auto", "us", "europe-west1"]);
    let credential =
        percent_encoded(&format!("{signer}/{}/{location}/storage/goog4_request", &at[..8]));
    let algorithm = if hmac { "GOOG4-HMAC-SHA256" } else { "GOOG4-RSA-SHA256" };
    let headers = draw.text(&["host", "host", "content-type%3Bhost"]);
    let signature = draw.hex(if hmac { 64 } else { 512 });
    let all = vec![
        ("X-Goog-Algorithm", algorithm.into()),
        ("X-Goog-Credential", credential),
        ("X-Goog-Date", at),
        ("X-Goog-Expires", life.to_string()),
        ("X-Goog-SignedHeaders", headers.into()),
        ("X-Goog-Signature", signature),
    ];
    let mut query = query(draw, all, true);
    if draw.chance(0.2) {
        query = query.replace("X-Goog-", "x-goog-");
    }
    (format!("{place}?{query}"), expired)
}

/// The download URL of Firebase's storage: a token that does not end.
pub(crate) fn firebase(draw: &mut Draw) -> String {
    let project = word(draw, "kebab");
    let zone = draw.text(&["appspot.com", "firebasestorage.app"]);
    let object = percent_encoded(&format!("{}/{}", word(draw, "noun"), draw.text(OBJECTS)));
    let token = word(draw, "uuid");
    format!(
        "https://firebasestorage.googleapis.com/v0/b/{project}.{zone}/o/{object}?alt=media&token={token}"
    )
}

/// A signed URL of Alibaba's OSS, of the first or the fourth version.
pub(crate) fn alibaba(draw: &mut Draw, now: OffsetDateTime) -> Made {
    let (bucket, object) = (word(draw, "bucket"), object(draw));
    let region = draw.text(&["cn-hangzhou", "cn-shanghai", "eu-central-1", "us-west-1"]);
    let temporary = draw.chance(0.3);
    let id = if temporary {
        format!("STS.N{}", draw.word(ALNUM, 24))
    } else {
        match draw.below(2) {
            0 => format!("LTAI{}", draw.word(ALNUM, 12)),
            _ => format!("LTAI5t{}", draw.word(ALNUM, 18)),
        }
    };
    let token = percent_encoded(&format!("CAIS{}", STANDARD.encode(draw.bytes(420))));
    let place = format!("https://{bucket}.oss-{region}.aliyuncs.com/{object}");
    if draw.chance(0.5) {
        let (end, expired) = expiry(draw, now);
        let mut all = vec![
            ("Expires", end.unix_timestamp().to_string()),
            ("OSSAccessKeyId", id),
            ("Signature", percent_encoded(&STANDARD.encode(draw.array::<20>()))),
        ];
        if temporary {
            all.push(("security-token", token));
        }
        return (format!("{place}?{}", query(draw, all, true)), expired);
    }
    let (signed, life, expired) = week(draw, now);
    let at = vocabulary::amz_date(signed);
    let credential = format!("{id}/{}/{region}/oss/aliyun_v4_request", &at[..8]);
    let mut all = vec![
        ("x-oss-signature-version", "OSS4-HMAC-SHA256".into()),
        ("x-oss-credential", percent_encoded(&credential)),
        ("x-oss-date", at),
        ("x-oss-expires", life.to_string()),
        ("x-oss-signature", draw.hex(64)),
    ];
    if temporary {
        all.push(("x-oss-security-token", token));
    }
    (format!("{place}?{}", query(draw, all, true)), expired)
}

/// A signed URL of Tencent's COS.
pub(crate) fn tencent(draw: &mut Draw, now: OffsetDateTime) -> Made {
    let (end, expired) = expiry(draw, now);
    let start = end.min(now) - Duration::minutes(draw.within(10..=900) as i64);
    let span = format!("{};{}", start.unix_timestamp(), end.unix_timestamp());
    let span = if draw.chance(0.5) { span.replace(';', "%3B") } else { span };
    let app = draw.within(1_250_000_000..=1_329_999_999);
    let region = draw.text(&["ap-guangzhou", "ap-shanghai", "ap-beijing", "eu-frankfurt"]);
    let bucket = word(draw, "bucket");
    let object = object(draw);
    let mut all = vec![
        ("q-sign-algorithm", "sha1".to_owned()),
        ("q-ak", format!("AKID{}", draw.word(ALNUM, 32))),
        ("q-sign-time", span.clone()),
        ("q-key-time", span),
        ("q-header-list", draw.text(&["host", ""]).into()),
        ("q-url-param-list", String::new()),
        ("q-signature", draw.hex(40)),
    ];
    if draw.chance(0.3) {
        all.push(("x-cos-security-token", draw.word(ALNUM, 320)));
    }
    let query = query(draw, all, false);
    (format!("https://{bucket}-{app}.cos.{region}.myqcloud.com/{object}?{query}"), expired)
}

/// A signed URL of Huawei's OBS.
pub(crate) fn huawei(draw: &mut Draw, now: OffsetDateTime) -> Made {
    let (end, expired) = expiry(draw, now);
    let (bucket, object) = (word(draw, "bucket"), object(draw));
    let region = draw.text(&["cn-north-4", "ap-southeast-1", "eu-west-101"]);
    let id = draw.word(b"ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789", 20);
    let all = vec![
        ("AccessKeyId", id),
        ("Expires", end.unix_timestamp().to_string()),
        ("Signature", percent_encoded(&STANDARD.encode(draw.array::<20>()))),
    ];
    let query = query(draw, all, true);
    (format!("https://{bucket}.obs.{region}.myhuaweicloud.com:443/{object}?{query}"), expired)
}

/// A signed URL of Volcengine's TOS.
pub(crate) fn volcengine(draw: &mut Draw, now: OffsetDateTime) -> Made {
    let (signed, life, expired) = week(draw, now);
    let at = vocabulary::amz_date(signed);
    let (bucket, object) = (word(draw, "bucket"), object(draw));
    let region = draw.text(&["cn-beijing", "cn-guangzhou", "ap-southeast-1"]);
    let id = format!("AKLT{}", draw.word(ALNUM, 43));
    let credential = percent_encoded(&format!("{id}/{}/{region}/tos/request", &at[..8]));
    let all = vec![
        ("X-Tos-Algorithm", "TOS4-HMAC-SHA256".into()),
        ("X-Tos-Credential", credential),
        ("X-Tos-Date", at),
        ("X-Tos-Expires", life.to_string()),
        ("X-Tos-SignedHeaders", "host".into()),
        ("X-Tos-Signature", draw.hex(64)),
    ];
    let query = query(draw, all, true);
    (format!("https://{bucket}.tos-{region}.volces.com/{object}?{query}"), expired)
}

/// A token URL of a CDN: Akamai's, Bunny's.
pub(crate) fn cdn(draw: &mut Draw, now: OffsetDateTime) -> Made {
    let (end, expired) = expiry(draw, now);
    let end = end.unix_timestamp();
    let object = object(draw);
    if draw.chance(0.3) {
        let token = URL_SAFE_NO_PAD.encode(draw.array::<32>());
        let zone = word(draw, "kebab");
        return (format!("https://{zone}.b-cdn.net/{object}?token={token}&expires={end}"), expired);
    }
    let name = draw.text(&["hdnts", "hdnea", "hdntl", "__token__"]);
    let start = if draw.chance(0.5) { format!("st={}~", end - 3600) } else { String::new() };
    let access = draw.text(&["/*", "/*", "/vod/*", "%2f*"]);
    let digits = *draw.pick(&[64, 64, 64, 40]);
    let mac = draw.hex(digits);
    let domain = word(draw, "domain");
    (
        format!("https://media.{domain}/{object}?{name}={start}exp={end}~acl={access}~hmac={mac}"),
        expired,
    )
}

/// The authorization to download from Backblaze B2, in a URL.
pub(crate) fn backblaze(draw: &mut Draw, now: OffsetDateTime) -> Made {
    let (signed, life, expired) = week(draw, now);
    let stamp = |t| vocabulary::amz_date(t).replace(['T', 'Z'], "");
    let end = signed + Duration::seconds(life as i64);
    let (bucket, object) = (word(draw, "bucket"), object(draw));
    let number = draw.within(0..=9);
    let token = format!(
        "3_{}_{}_{}_00{number}_{}_{:04}_dnld",
        stamp(signed),
        draw.hex(24),
        draw.hex(40),
        stamp(end),
        draw.below(9999)
    );
    (
        format!("https://f00{number}.backblazeb2.com/file/{bucket}/{object}?Authorization={token}"),
        expired,
    )
}

/// A plain URL of an object store to what a person would call private.
pub(crate) fn public_object(draw: &mut Draw) -> String {
    let day = draw.within(1..=28);
    let number = draw.within(1..=99_999);
    let path = match draw.below(9) {
        0 => format!("recordings/2025/{day:02}/{number}.wav"),
        1 => format!("backups/db-{number}.sql.gz"),
        2 => format!("dump_{number}.bak"),
        3 => format!("exports/customers-{number}.csv"),
        4 => format!("kyc/passport_{number}.jpg"),
        5 => format!("medical/patient-{number}.pdf"),
        6 => format!("invoices/2025/INV-{number}.pdf"),
        7 => format!("certs/server-{number}.pem"),
        _ => format!("voice/{}/message-{number}.mp3", draw.hex(8)),
    };
    let bucket = format!("{}-{}", draw.text(&["acme", "northwind", "toys", "clinic"]), draw.hex(4));
    let region = draw.text(vocabulary::REGIONS);
    match draw.below(8) {
        0 => format!("https://{bucket}.s3.amazonaws.com/{path}"),
        1 => format!("https://{bucket}.s3.{region}.amazonaws.com/{path}"),
        2 => format!("http://{bucket}.s3-{region}.amazonaws.com/{path}?versionId={number}"),
        3 => format!("https://s3.{region}.amazonaws.com/{bucket}/{path}"),
        4 => format!("https://storage.googleapis.com/{bucket}/{path}"),
        5 => format!("https://{bucket}.storage.googleapis.com/{path}"),
        6 => format!("http://s3-{region}.amazonaws.com/{bucket}/{path}"),
        _ => {
            format!(
                "https://{}{}.blob.core.windows.net/files/{path}",
                bucket[..4].replace('-', "a"),
                number
            )
        }
    }
}
