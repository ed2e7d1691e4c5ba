//! Upload forms of Amazon S3 and signed cookies of CloudFront: what is signed
//! stands in several fields.

use time::Duration;
use time::format_description::well_known::Rfc3339;

use super::{Family, Maker, Mixing, expiry_hint, file, t};
use crate::{
    host::Host,
    label::Role,
    template::Slots,
    value::{
        aws_key,
        aws_signature::{self, Signer},
        sts_token::{self, Layout},
    },
    vocabulary,
};

pub(super) const FAMILIES: &[&Family] = &[&POST_POLICY, &CLOUDFRONT_COOKIES];

/// Fields of version 4 are bound as `credential` and `amz_date`, those of version
/// 2 as `id`.
pub(super) static POST_POLICY: Family = Family {
    detector: "aws-post-policy",
    mixing: Mixing::Alone,
    multiline: false,
    wraps: &[],
    templates: &[
        t(
            Host::Html,
            "form",
            "<form action=\"https://«bkt».s3.amazonaws.com/\" method=\"post\" enctype=\"multipart/form-data\">\n  <input type=\"hidden\" name=\"key\" value=\"uploads/${filename}\">\n«?credential»  <input type=\"hidden\" name=\"X-Amz-Credential\" value=\"«credential»\">\n  <input type=\"hidden\" name=\"X-Amz-Algorithm\" value=\"AWS4-HMAC-SHA256\">\n  <input type=\"hidden\" name=\"X-Amz-Date\" value=\"«amz_date»\">\n«/»«?id»  <input type=\"hidden\" name=\"AWSAccessKeyId\" value=\"«id»\">\n«/»  <input type=\"hidden\" name=\"policy\" value=\"«policy»\">\n«?credential»  <input type=\"hidden\" name=\"X-Amz-Signature\" value=\"«signature»\">\n«/»«?id»  <input type=\"hidden\" name=\"signature\" value=\"«signature»\">\n«/»  <input type=\"file\" name=\"file\">\n</form>\n",
        ),
        t(
            Host::Html,
            "form-ids",
            "<form action='https://s3.amazonaws.com/«bkt»' method='post'>\n<input name='policy' type='hidden' id='policy' value='«policy»'/>\n«?credential»<input name='x-amz-signature' type='hidden' id='signature' value='«signature»'/>\n<input name='x-amz-credential' type='hidden' value='«credential»'/>\n<input name='x-amz-date' type='hidden' value='«amz_date»'/>\n«/»«?id»<input name='AWSAccessKeyId' type='hidden' value='«id»'/>\n<input name='signature' type='hidden' value='«signature»'/>\n«/»</form>\n",
        ),
        t(
            Host::Json,
            "boto",
            "\"upload«num»\": {\n  \"url\": \"https://«bkt».s3.amazonaws.com/\",\n  \"fields\": {\n    \"key\": \"«noun»/«num»\",\n«?credential»    \"x-amz-algorithm\": \"AWS4-HMAC-SHA256\",\n    \"x-amz-credential\": \"«credential»\",\n    \"x-amz-date\": \"«amz_date»\",\n«?token»    \"x-amz-security-token\": \"«token»\",\n«/»«/»«?id»    \"AWSAccessKeyId\": \"«id»\",\n«/»    \"policy\": \"«policy»\",\n    \"«?credential»x-amz-«/»signature\": \"«signature|slash»\"\n  }\n},\n",
        ),
        t(
            Host::JsonLog,
            "response",
            "{\"time\":\"«iso»\",\"msg\":\"presign\",\"fields\":{«?credential»\"X-Amz-Credential\":\"«credential»\",\"X-Amz-Date\":\"«amz_date»\",«/»«?id»\"AWSAccessKeyId\":\"«id»\",«/»\"Policy\":\"«policy»\",\"«?credential»X-Amz-«/»Signature\":\"«signature»\"}}",
        ),
        t(
            Host::JsonLog,
            "nested",
            "{\"time\":\"«iso»\",\"body\":\"{\\\"fields\\\":{\\\"policy\\\":\\\"«policy|slash|json»\\\",«?credential»\\\"x-amz-credential\\\":\\\"«credential|slash|json»\\\",\\\"x-amz-signature\\\":\\\"«signature»\\\"«/»«?id»\\\"AWSAccessKeyId\\\":\\\"«id»\\\",\\\"signature\\\":\\\"«signature|slash|json»\\\"«/»}}\"}",
        ),
        t(
            Host::Python,
            "dictionary",
            "fields_«noun» = {'key': '«noun»/«num»', «?credential»'x-amz-algorithm': 'AWS4-HMAC-SHA256', 'x-amz-credential': '«credential»', 'x-amz-date': '«amz_date»', 'policy': '«policy»', 'x-amz-signature': '«signature»'«/»«?id»'AWSAccessKeyId': '«id»', 'policy': '«policy»', 'signature': '«signature»'«/»}\n",
        ),
        t(
            Host::JavaScript,
            "form-data",
            "form.append('policy', '«policy»');\n«?credential»form.append('X-Amz-Credential', '«credential»');\nform.append('X-Amz-Signature', '«signature»');\n«/»«?id»form.append('AWSAccessKeyId', '«id»');\nform.append('signature', '«signature»');\n«/»",
        ),
        t(
            Host::TypeScript,
            "object",
            "const «camel» = {\n  policy: '«policy»',\n«?credential»  'x-amz-credential': '«credential»',\n  'x-amz-signature': '«signature»',\n«/»«?id»  AWSAccessKeyId: '«id»',\n  signature: '«signature»',\n«/»};\n",
        ),
        t(
            Host::Shell,
            "curl",
            "curl -X POST \\\n  -F 'key=«noun»/«num»' \\\n«?credential»  -F 'x-amz-credential=«credential»' \\\n  -F 'x-amz-date=«amz_date»' \\\n  -F 'policy=«policy»' \\\n  -F 'x-amz-signature=«signature»' \\\n«/»«?id»  -F 'AWSAccessKeyId=«id»' \\\n  -F 'policy=«policy»' \\\n  -F 'signature=«signature»' \\\n«/»  -F 'file=@«noun».bin' https://«bkt».s3.amazonaws.com/\n",
        ),
        t(
            Host::Log,
            "multipart",
            "«iso» DEBUG > Content-Disposition: form-data; name=\"policy\"\n\n«policy»\n--b\n«?credential»Content-Disposition: form-data; name=\"x-amz-credential\"\n\n«credential»\n--b\nContent-Disposition: form-data; name=\"x-amz-signature\"\n\n«signature»\n«/»«?id»Content-Disposition: form-data; name=\"AWSAccessKeyId\"\n\n«id»\n--b\nContent-Disposition: form-data; name=\"signature\"\n\n«signature»\n«/»--b--",
        ),
        t(
            Host::Yaml,
            "fields",
            "upload«num»:\n«?credential»  x-amz-credential: «credential»\n  x-amz-date: «amz_date»\n  policy: «policy»\n  x-amz-signature: «signature»\n«/»«?id»  AWSAccessKeyId: «id»\n  policy: «policy»\n  signature: «signature»\n«/»",
        ),
        t(
            Host::Env,
            "with-pair",
            "«?secret»AWS_ACCESS_KEY_ID=«key»\nAWS_SECRET_ACCESS_KEY=«secret»\n«/»POLICY=«policy»\n«?credential»x-amz-credential=«credential»\nx-amz-signature=«signature»\n«/»«?id»AWSAccessKeyId=«id»\nsignature=«signature»\n«/»",
        ),
    ],
    names: &[],
    bind: bind_form,
};

fn bind_form(maker: &mut Maker, slots: &mut Slots) {
    let (signed, _) = maker.begun();
    let at = vocabulary::amz_date(signed);
    let temporary = maker.draw.chance(0.3);
    let (mut id, grant) = maker.session(signed - Duration::minutes(10));
    let draw = &mut maker.draw;
    let token = temporary.then(|| sts_token::session_token(draw, Layout::Current, grant));
    let v4 = temporary || draw.chance(0.6);
    if !temporary {
        id = aws_key::key_id(draw, "AKIA", grant.account);
    }
    let secret = aws_key::secret(draw);
    let bucket = vocabulary::word(draw, "bucket");
    let seconds = *draw.pick(&[300, 3600, 86_400, 400 * 86_400]);
    let expires = signed.replace_nanosecond(0).unwrap_or(signed) + Duration::seconds(seconds);
    let last =
        if temporary { expires.min(signed + Duration::seconds(36 * 3600 - 600)) } else { expires };
    let hint = expiry_hint(last <= maker.now);
    let draw = &mut maker.draw;
    let mut expiration = expires.format(&Rfc3339).unwrap_or_default();
    if draw.chance(0.5) {
        expiration = expiration.replace('Z', ".000Z");
    }
    let signer =
        Signer { key_id: &id, secret: &secret, token: token.as_deref(), region: grant.region };
    let form = aws_signature::post_form(draw, signer, &bucket, &expiration, v4.then_some(&at));
    slots.set("bkt", bucket);
    slots.permit("policy", "aws-session-token", form.policy);
    slots.claim("signature", "aws-post-policy", Role::Plant, hint, form.signature);
    if !temporary {
        slots.permit("key", "aws-access-key-id", id.clone());
        slots.plant("secret", "aws-access-key", secret);
    }
    if v4 {
        let scope = format!("{id}/{}/{}/s3/aws4_request", &at[..8], grant.region);
        slots.permit("credential", "aws-access-key-id", scope);
        slots.permit_inside("credential", &["aws-temporary-key-id"]);
        slots.set("amz_date", at);
        if let Some(token) = token {
            slots.permit("token", "aws-session-token", token);
        }
    } else {
        slots.permit("id", "aws-access-key-id", id);
    }
}

/// `policy` is bound with a policy of one's own, `expires` with a canned one.
pub(super) static CLOUDFRONT_COOKIES: Family = Family {
    detector: "aws-cloudfront-cookies",
    mixing: Mixing::Free,
    multiline: false,
    wraps: &[],
    templates: &[
        t(
            Host::Log,
            "header",
            "«iso» DEBUG > Cookie: sid=«hex32»; CloudFront-«?policy»Policy=«policy»«/»«?expires»Expires=«expires»«/»; CloudFront-Signature=«signature»; CloudFront-Key-Pair-Id=«key_pair»",
        ),
        t(
            Host::Log,
            "set-cookie",
            "< Set-Cookie: CloudFront-«?policy»Policy=«policy»«/»«?expires»Expires=«expires»«/»; Domain=.«domain»; Path=/; Secure; HttpOnly\n< Set-Cookie: CloudFront-Signature=«signature»; Domain=.«domain»; Path=/; Secure; HttpOnly\n< Set-Cookie: CloudFront-Key-Pair-Id=«key_pair»; Domain=.«domain»; Path=/; Secure; HttpOnly",
        ),
        t(
            Host::Log,
            "key-first",
            "«iso» INFO cookies CloudFront-Key-Pair-Id=«key_pair» CloudFront-Signature=«signature» CloudFront-«?policy»Policy=«policy»«/»«?expires»Expires=«expires»«/»",
        ),
        t(
            Host::Shell,
            "curl",
            "curl -s -b 'CloudFront-«?policy»Policy=«policy»«/»«?expires»Expires=«expires»«/»;CloudFront-Signature=«signature»;CloudFront-Key-Pair-Id=«key_pair»' https://cdn.«domain»/«noun».m3u8\n",
        ),
        t(
            Host::History,
            "curl",
            "curl -H \"Cookie: CloudFront-«?policy»Policy=«policy»«/»«?expires»Expires=«expires»«/»; CloudFront-Signature=«signature»; CloudFront-Key-Pair-Id=«key_pair»\" https://cdn.«domain»/«noun».mp4",
        ),
        t(
            Host::Json,
            "object",
            "\"cookies«num»\": {\n  \"CloudFront-«?policy»Policy\": \"«policy»\"«/»«?expires»Expires\": «expires»«/»,\n  \"CloudFront-Signature\": \"«signature»\",\n  \"CloudFront-Key-Pair-Id\": \"«key_pair»\"\n},\n",
        ),
        t(
            Host::Json,
            "list",
            "\"jar«num»\": [\n  {\"name\": \"CloudFront-«?policy»Policy\", \"value\": \"«policy»\"«/»«?expires»Expires\", \"value\": \"«expires»\"«/», \"domain\": \".«domain»\"},\n  {\"name\": \"CloudFront-Signature\", \"value\": \"«signature»\", \"domain\": \".«domain»\"},\n  {\"name\": \"CloudFront-Key-Pair-Id\", \"value\": \"«key_pair»\", \"domain\": \".«domain»\"}\n],\n",
        ),
        t(
            Host::JsonLog,
            "nested",
            "{\"time\":\"«iso»\",\"headers\":\"{\\\"cookie\\\":\\\"CloudFront-«?policy»Policy=«policy»«/»«?expires»Expires=«expires»«/»; CloudFront-Signature=«signature»; CloudFront-Key-Pair-Id=«key_pair»\\\"}\"}",
        ),
        t(
            Host::Python,
            "dictionary",
            "cookies = {\n    'CloudFront-«?policy»Policy': '«policy»'«/»«?expires»Expires': '«expires»'«/»,\n    'CloudFront-Signature': '«signature»',\n    'CloudFront-Key-Pair-Id': '«key_pair»',\n}\n",
        ),
        t(
            Host::JavaScript,
            "set",
            "res.cookie('CloudFront-«?policy»Policy', '«policy»'«/»«?expires»Expires', '«expires»'«/», opts);\nres.cookie('CloudFront-Signature', '«signature»', opts);\nres.cookie('CloudFront-Key-Pair-Id', '«key_pair»', opts);\n",
        ),
        file(
            Host::Bare,
            "netscape",
            "«noun»/cookies.txt",
            "# Netscape HTTP Cookie File\n.«domain»\tTRUE\t/\tTRUE\t0\tCloudFront-«?policy»Policy\t«policy»«/»«?expires»Expires\t«expires»«/»\n.«domain»\tTRUE\t/\tTRUE\t0\tCloudFront-Signature\t«signature»\n.«domain»\tTRUE\t/\tTRUE\t0\tCloudFront-Key-Pair-Id\t«key_pair»\n",
        ),
        t(
            Host::Mail,
            "pasted",
            "use these until tonight:\n\n  CloudFront-«?policy»Policy: «policy»«/»«?expires»Expires: «expires»«/»\n  CloudFront-Signature: «signature»\n  CloudFront-Key-Pair-Id: «key_pair»\n",
        ),
    ],
    names: &[],
    bind: |maker, slots| {
        let (signed, _) = maker.begun();
        let draw = &mut maker.draw;
        let life = *draw.pick(&[900, 3600, 86_400, 30 * 86_400, 3650 * 86_400]);
        let expires = signed + Duration::seconds(life);
        let hint = expiry_hint(expires <= maker.now);
        let resource = format!("https://cdn.{}/*", vocabulary::word(draw, "domain"));
        let custom = draw.chance(0.7);
        let grant = aws_signature::cloudfront(draw, &resource, expires.unix_timestamp(), custom);
        slots.claim("signature", "aws-cloudfront-cookies", Role::Plant, hint, grant.signature);
        slots.set("key_pair", grant.key_pair_id);
        match grant.policy {
            Some(policy) => slots.set("policy", policy),
            None => slots.set("expires", grant.expires.to_string()),
        }
    },
};
