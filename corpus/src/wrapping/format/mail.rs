//! A message with a file attached in base64 (RFC 2045, RFC 2183).

use base64::{Engine, engine::general_purpose::STANDARD};

use super::Member;
use crate::{
    draw::Draw,
    template::{self, Slots},
};

/// What stands before the attachment.
const OPEN: &str = "From: «name» <«email»>\nTo: «name2» <«email2»>\nSubject: «sentence»\nDate: Thu, 1 Jan 2026 00:00:00 +0000\nMessage-ID: <«hex32»@«domain»>\nMIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=\"=_next\"\n\n--=_next\nContent-Type: text/plain; charset=utf-8\n\n«sentence2».\n\n--=_next\n";

/// The message, and the name of its attachment.
pub(super) fn message(member: &Member, draw: &mut Draw) -> (Vec<u8>, String) {
    let name = member.name.rsplit('/').next().unwrap_or_default();
    // What a header would need to quote.
    let name = name.replace(['"', '\\'], "_");
    let mut text = template::render(draw, OPEN, &Slots::default(), "").text;
    text += &format!(
        "Content-Type: application/octet-stream; name=\"{name}\"\nContent-Transfer-Encoding: base64\nContent-Disposition: attachment; filename=\"{name}\"\n\n"
    );
    for line in STANDARD.encode(&member.bytes).as_bytes().chunks(76) {
        text += &String::from_utf8_lossy(line);
        text.push('\n');
    }
    text += "\n--=_next--\n";
    // Mail ends its lines as the network does, files of it often as the system.
    let text = if draw.chance(0.5) { text.replace('\n', "\r\n") } else { text };
    (text.into_bytes(), name)
}
