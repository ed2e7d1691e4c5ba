//! Private keys of every format, in files of their own and inside others.

use super::{Family, Maker, Mixing, Names, Template, file, t};
use crate::{
    host::Host,
    template::Slots,
    value::{
        openssh::{self, OpenSshKind},
        pem::{self, PemKind},
        pgp, putty, ssh2,
    },
    vocabulary,
};

const fn family(
    detector: &'static str,
    templates: &'static [Template],
    bind: fn(&mut Maker, &mut Slots),
) -> Family {
    Family {
        detector,
        mixing: Mixing::Free,
        multiline: true,
        wraps: &[],
        templates,
        names: NAMES,
        bind,
    }
}

pub(super) static PEM: Family = family("private-key", PEM_TEMPLATES, |maker, slots| {
    let kind = *maker.draw.pick(&PemKind::ALL);
    let key = pem::private_key(&mut maker.draw, &mut maker.ring, kind);
    if !key.before.is_empty() {
        slots.set("before", key.before);
    }
    slots.plant("key", "private-key", key.block);
});

pub(super) static OPENSSH: Family =
    family("openssh-private-key", OPENSSH_TEMPLATES, |maker, slots| {
        let kind = *maker.draw.pick(&OpenSshKind::ALL);
        let comment = comment(maker);
        let key = openssh::private_key(&mut maker.draw, &mut maker.ring.rsa, kind, &comment);
        slots.plant("key", "openssh-private-key", key);
    });

pub(super) static PUTTY: Family = family("putty-private-key", PUTTY_TEMPLATES, |maker, slots| {
    let comment = comment(maker);
    let key = putty::private_key(&mut maker.draw, &mut maker.ring.rsa, &comment);
    slots.plant("key", "putty-private-key", key);
});

pub(super) static PGP: Family = family("pgp-private-key", PGP_TEMPLATES, |maker, slots| {
    let name = vocabulary::word(&mut maker.draw, "name");
    let email = vocabulary::word(&mut maker.draw, "email");
    let created = maker.draw.within(1_300_000_000..=1_750_000_000) as u32;
    let user = format!("{name} <{email}>");
    let key = pgp::private_key(&mut maker.draw, &mut maker.ring.rsa, &user, created);
    slots.plant("key", "pgp-private-key", key);
});

pub(super) static SSH2: Family = family("ssh2-private-key", SSH2_TEMPLATES, |maker, slots| {
    let comment = comment(maker);
    let key = ssh2::private_key(&mut maker.draw, &comment);
    slots.plant("key", "ssh2-private-key", key);
});

fn comment(maker: &mut Maker) -> String {
    let draw = &mut maker.draw;
    let (user, host) = (vocabulary::word(draw, "user"), vocabulary::word(draw, "kebab"));
    if draw.chance(0.2) { "rsa-key-20230411".into() } else { format!("{user}@{host}") }
}

const NAMES: &[Names] = &[
    &[("private key", "key")],
    &[("ssh private key", "key")],
    &[("tls key", "key")],
    &[("deploy key", "key")],
    &[("github app private key", "key")],
];

/// The containers that hold any of the formats, after those of their own.
macro_rules! with_shared {
    ($($own:expr,)*) => {
        &[
            $($own,)*
            t(Host::Yaml, "block-scalar", "«noun»«num»:\n  private_key: |\n    «key|in4»\n  port: «port»\n"),
            t(Host::Yaml, "string-data", "---\napiVersion: v1\nkind: Secret\nmetadata:\n  name: «kebab»\nstringData:\n  «noun»-key: |\n    «key|in4»\n---\n"),
            t(Host::Yaml, "deep-block-scalar", "«noun»«num»:\n  - write_files:\n      - path: /etc/«noun2»/key\n        content: |-\n          «key|in6|in4»\n        permissions: '0600'\n"),
            t(Host::Json, "string", "\"«camel»«num»\": {\n  \"privateKey\": \"«key|json»\\n\",\n  \"id\": \"«uuid»\"\n},\n"),
            t(Host::Env, "double-quoted", "«UPPER»_KEY=\"«key|nl»\\n\"\n"),
            t(Host::Env, "raw-quoted", "«UPPER»_KEY=\"«key»\"\n"),
            t(Host::JavaScript, "template-literal", "const «camel»Key = `«key»\n`;\n"),
            t(Host::Python, "triple-quotes", "«UPPER»_KEY = \"\"\"«key»\n\"\"\"\n"),
            t(Host::Go, "raw-string", "const «camel»Key = `«key»\n`\n"),
            t(Host::Rust, "raw-string", "const «UPPER»_KEY: &str = r#\"«key»\"#;\n"),
            t(Host::Cpp, "literals", "static const char «snake»_key[] =\n    \"«key|cstr»\\n\";\n"),
            t(Host::Java, "concatenation", "private static final String «UPPER»_KEY =\n        \"«key|plus»\\n\";\n"),
            t(Host::Php, "concatenation", "$«camel»Key =\n    \"«key|dot»\\n\";\n"),
            t(Host::Terraform, "heredoc", "resource \"aws_secretsmanager_secret_version\" \"«snake»\" {\n  secret_string = <<EOF\n«key»\nEOF\n}\n"),
            t(Host::Terraform, "indented-heredoc", "locals {\n  «snake»_key = <<-EOT\n    «key|in4»\n  EOT\n}\n"),
            t(Host::JsonLog, "message", "{\"time\":\"«iso»\",\"level\":\"debug\",\"msg\":\"loaded key «key|json»\"}"),
            t(Host::JsonLog, "nested", "{\"time\":\"«iso»\",\"msg\":\"{\\\"key\\\":\\\"«key|slash|json»\\\\n\\\"}\"}"),
            t(Host::Shell, "heredoc", "cat > /etc/«noun»/«noun2».key <<'EOF'\n«key»\nEOF\n"),
            t(Host::Slack, "message", "{\n    \"type\": \"message\",\n    \"user\": \"«slack»\",\n    \"text\": \"```«key|json»```\",\n    \"ts\": \"«epoch».000900\"\n},\n"),
            t(Host::Mail, "plain", "the key is:\n\n«key»\n"),
            t(Host::Markdown, "fence", "```\n«key»\n```\n"),
            t(Host::Xml, "element", "<privateKey>\n«key»\n</privateKey>\n"),
            t(Host::Ruby, "heredoc", "«UPPER»_KEY = <<~KEY\n  «key|in2»\nKEY\n"),
        ]
    };
}

const PEM_TEMPLATES: &[Template] = with_shared![
    file(Host::Bare, "file", "keys/«kebab»-«num».pem", "«?before»«before»«/»«key»"),
    file(Host::Bare, "id-rsa", "home/«user»/.ssh/id_rsa", "«?before»«before»«/»«key»"),
    file(Host::Bare, "server-key", "etc/ssl/private/«domain».key", "«?before»«before»«/»«key»"),
    t(
        Host::Json,
        "service-account",
        "\"account«num»\": {\n  \"type\": \"service_account\",\n  \"project_id\": \"«kebab»\",\n  \"private_key_id\": \"«hex40»\",\n  \"private_key\": \"«key|json»\\n\",\n  \"client_email\": \"«noun»@«kebab».iam.gserviceaccount.com\"\n},\n"
    ),
    t(Host::Json, "unicode", "\"tls«num»\": {\n  \"keyPem\": \"«key|uni»\\n\"\n},\n"),
];

const OPENSSH_TEMPLATES: &[Template] = with_shared![
    file(Host::Bare, "id-ed25519", "home/«user»/.ssh/id_ed25519", "«key»"),
    file(Host::Bare, "deploy-key", "deploy/keys/«kebab»", "«key»"),
];

const PUTTY_TEMPLATES: &[Template] = with_shared![
    file(Host::Bare, "ppk", "keys/«kebab».ppk", "«key»"),
    file(Host::Bare, "ppk-download", "Downloads/«user»-«num».ppk", "«key»"),
];

const PGP_TEMPLATES: &[Template] = with_shared![
    file(Host::Bare, "asc", "keys/«name»-secret.asc", "«key»"),
    file(Host::Bare, "gpg-export", "backup/secret-keys-«num».gpg.txt", "«key»"),
];

const SSH2_TEMPLATES: &[Template] = with_shared![
    file(Host::Bare, "file", "home/«user»/.ssh2/id_dsa_1024_a", "«key»"),
    file(Host::Bare, "export", "keys/«kebab»-ssh2", "«key»"),
];
