//! SES SMTP passwords, alone, with their key id, or beside their secret.

use super::{Family, Maker, Mixing, Names, Template, file, t};
use crate::{
    host::Host,
    template::Slots,
    value::{aws_key, ses},
};

pub(super) static SMTP_PASSWORD: Family = Family {
    detector: "aws-ses-smtp-password",
    mixing: Mixing::Alone,
    multiline: false,
    wraps: &[],
    templates: TEMPLATES,
    names: NAMES,
    bind,
};

/// Binds `password` with its `user` id, mail `server` and `region`; and `id`
/// with `secret`, which is a leak of its own where a template shows it.
fn bind(maker: &mut Maker, slots: &mut Slots) {
    let region = maker.region();
    let draw = &mut maker.draw;
    let account = aws_key::account(draw);
    let id = aws_key::key_id(draw, "AKIA", account);
    let secret = aws_key::secret(draw);
    let password =
        if draw.chance(0.8) { ses::password(&secret, region) } else { ses::old_password(&secret) };
    slots.set("region", region);
    slots.set("server", format!("email-smtp.{region}.amazonaws.com"));
    slots.set("smtp_port", *draw.pick(&["25", "465", "587", "2465", "2587"]));
    slots.set("id", id.clone());
    slots.permit("user", "aws-access-key-id", id);
    slots.plant("secret", "aws-access-key", secret);
    slots.plant("password", "aws-ses-smtp-password", password);
}

const NAMES: &[Names] = &[
    &[("smtp host", "server"), ("smtp username", "user"), ("smtp password", "password")],
    &[("mail host", "server"), ("mail username", "user"), ("mail password", "password")],
    &[("smtp server", "server"), ("smtp user", "user"), ("smtp pass", "password")],
    &[("email host", "server"), ("email host user", "user"), ("email host password", "password")],
    &[("ses smtp password", "password")],
    &[("ses smtp username", "user"), ("ses smtp password", "password")],
];

const TEMPLATES: &[Template] = &[
    file(
        Host::Bare,
        "csv",
        "Downloads/ses-smtp-credentials-«num».csv",
        "IAM User Name,Smtp Username,Smtp Password\n\"ses-smtp-user.«compact»\",\"«user»\",\"«password»\"",
    ),
    file(
        Host::Bare,
        "new-csv",
        "Downloads/smtp_credentials-«num».csv",
        "IAM user name,SMTP user name,SMTP password\nses-smtp-user.«compact»,«user»,«password»",
    ),
    t(
        Host::Json,
        "tfstate",
        "\"resource«num»\": {\n  \"mode\": \"managed\",\n  \"type\": \"aws_iam_access_key\",\n  \"name\": \"«snake»\",\n  \"instances\": [\n    {\n      \"attributes\": {\n        \"create_date\": \"«iso»\",\n        \"id\": \"«id»\",\n        \"secret\": \"«secret»\",\n        \"ses_smtp_password_v4\": \"«password»\",\n        \"status\": \"Active\",\n        \"user\": \"ses-«noun»\"\n      }\n    }\n  ]\n},\n",
    ),
    t(
        Host::Json,
        "tf-output",
        "\"ses_smtp_password«num»\": {\n  \"sensitive\": true,\n  \"type\": \"string\",\n  \"value\": \"«password»\"\n},\n",
    ),
    t(
        Host::Ini,
        "ssmtp",
        "mailhub=«server»:«smtp_port»\nAuthUser=«user»\nAuthPass=«password»\nUseSTARTTLS=YES\n",
    ),
    t(
        Host::Ini,
        "msmtp",
        "[«noun»-mail]\nhost = «server»\nport = «smtp_port»\nuser = «user»\npassword = «password»\n",
    ),
    file(
        Host::Bare,
        "sasl-passwd",
        "etc/postfix/«noun»/sasl_passwd",
        "[«server»]:«smtp_port» «user»:«password»",
    ),
    t(Host::Env, "mailer-url", "MAILER_URL=smtp://«user»:«password|pct»@«server»:«smtp_port»\n"),
    t(
        Host::Yaml,
        "mailer-dsn",
        "«noun»«num»:\n  mailer_dsn: \"smtp://«user»:«password|pct»@«server»:«smtp_port»\"\n",
    ),
    t(
        Host::Env,
        "laravel",
        "MAIL_DRIVER=smtp\nMAIL_HOST=«server»\nMAIL_PORT=«smtp_port»\nMAIL_USERNAME=«user»\nMAIL_PASSWORD=«password»\nMAIL_ENCRYPTION=tls\n",
    ),
    t(
        Host::Python,
        "django",
        "EMAIL_HOST = '«server»'\nEMAIL_PORT = «smtp_port»\nEMAIL_HOST_USER = '«user»'\nEMAIL_HOST_PASSWORD = '«password»'\n",
    ),
    t(
        Host::Python,
        "smtplib",
        "server = smtplib.SMTP('«server»', «smtp_port»)\nserver.starttls()\nserver.login('«user»', '«password»')\n",
    ),
    t(
        Host::Ruby,
        "action-mailer",
        "ActionMailer::Base.smtp_settings = {\n  address: '«server»',\n  port: «smtp_port»,\n  user_name: '«user»',\n  password: '«password»'\n}\n",
    ),
    t(
        Host::JavaScript,
        "nodemailer",
        "const transport = nodemailer.createTransport({\n  host: '«server»',\n  port: «smtp_port»,\n  auth: { user: '«user»', pass: '«password»' },\n});\n",
    ),
    t(
        Host::Php,
        "phpmailer",
        "$mail->Host = '«server»';\n$mail->Username = '«user»';\n$mail->Password = '«password»';\n",
    ),
    t(
        Host::Java,
        "session",
        "props.put(\"mail.smtp.host\", \"«server»\");\nTransport.send(message, \"«user»\", \"«password»\");\n",
    ),
    t(
        Host::Properties,
        "spring-mail",
        "spring.mail.host=«server»\nspring.mail.port=«smtp_port»\nspring.mail.username=«user»\nspring.mail.password=«password»\n",
    ),
    t(
        Host::Yaml,
        "alertmanager",
        "global«num»:\n  smtp_smarthost: «server»:«smtp_port»\n  smtp_auth_username: «user»\n  smtp_auth_password: «password»\n",
    ),
    t(
        Host::Mail,
        "plain",
        "SMTP settings:\n\n  Server: «server»\n  SMTP user name: «user»\n  SMTP password: «password»\n",
    ),
    t(
        Host::Terraform,
        "variable",
        "smtp_host     = \"«server»\"\nsmtp_username = \"«user»\"\nsmtp_password = \"«password»\"\n",
    ),
];
