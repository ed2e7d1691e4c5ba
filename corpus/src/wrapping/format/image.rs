//! An image of a container, as `docker save` writes it: layers that are tar archives, a
//! configuration and a manifest (the Docker Image Specification v1.2).

use std::io;

use serde_json::json;
use sha2::{Digest, Sha256};

use super::{Member, archive};

/// The most layers that files are spread over.
const LAYERS: usize = 3;

/// The image, and the path in it of each member.
pub(super) fn image(members: &[Member]) -> io::Result<(Vec<u8>, Vec<String>)> {
    let (mut files, mut names, mut layers, mut digests) = (vec![], vec![], vec![], vec![]);
    let size = members.len().div_ceil(LAYERS).max(1);
    for members in members.chunks(size) {
        let bytes = archive::tar(members)?;
        let digest = hex(&Sha256::digest(&bytes));
        let layer = format!("{digest}/layer.tar");
        names.extend(members.iter().map(|member| format!("{layer}!{}", member.name)));
        files.push(Member { name: format!("{digest}/VERSION"), bytes: b"1.0".to_vec() });
        let about = json!({ "id": digest, "created": "2026-01-01T00:00:00Z", "os": "linux" });
        files.push(Member { name: format!("{digest}/json"), bytes: about.to_string().into() });
        files.push(Member { name: layer.clone(), bytes });
        layers.push(layer);
        digests.push(format!("sha256:{digest}"));
    }
    let history: Vec<_> = layers.iter().map(|_| json!({ "created_by": "COPY . /srv" })).collect();
    let config = json!({
        "architecture": "amd64",
        "os": "linux",
        "config": { "Env": ["PATH=/usr/local/bin:/usr/bin:/bin"], "WorkingDir": "/srv" },
        "history": history,
        "rootfs": { "type": "layers", "diff_ids": digests },
    })
    .to_string();
    let name = format!("{}.json", hex(&Sha256::digest(&config)));
    let manifest = json!([{ "Config": name, "RepoTags": ["app:latest"], "Layers": layers }]);
    files.push(Member { name, bytes: config.into() });
    files.push(Member { name: "manifest.json".into(), bytes: manifest.to_string().into() });
    Ok((archive::tar(&files)?, names))
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
