use proptest::prelude::*;

use super::*;

/// What is known, as `name=value` in the order of the fields.
fn known(context: &LogContext) -> String {
    let LogContext { timestamp, unit, host, pod, namespace, container, level, process } = context;
    let fields = [
        ("time", timestamp),
        ("unit", unit),
        ("host", host),
        ("pod", pod),
        ("namespace", namespace),
        ("container", container),
        ("level", level),
        ("process", process),
    ];
    let known = fields
        .into_iter()
        .filter_map(|(name, value)| value.as_ref().map(|value| format!("{name}={value}")));
    known.collect::<Vec<_>>().join(" ")
}

/// What the entry around the first `HERE` says.
fn of(text: impl AsRef<[u8]>) -> String {
    let text = text.as_ref();
    let at = memchr::memmem::find(text, b"HERE").unwrap();
    known(&LogContext::of(text, at))
}

#[test]
fn lines_of_json_tell_by_their_names() {
    for (line, expected) in [
        (
            r#"{"time":"2026-11-23T08:00:00Z","level":"warn","msg":"HERE","pod":"p","host":"h"}"#,
            "time=2026-11-23T08:00:00Z host=h pod=p level=warn",
        ),
        (
            r#"{"@timestamp":"t","log":"HERE","kubernetes":{"pod_name":"p-1","namespace_name":"n","container_name":"c","host":"node-1","labels":{"host":"no","pod":"no"}}}"#,
            "time=t host=node-1 pod=p-1 namespace=n container=c",
        ),
        (
            r#"{"ts":1732348800.25,"kubernetes.pod.name":"p","kubernetes.namespace":"n","kubernetes_container_name":"c","log.level":"info","x":"HERE"}"#,
            "time=1732348800.25 pod=p namespace=n container=c level=info",
        ),
        (
            r#"{"timestamp":"t","severity":"ERROR","resource":{"labels":{"pod_name":"p","namespace_name":"n"}},"process":{"name":"x","pid":7},"m":"HERE"}"#,
            "time=t pod=p namespace=n level=ERROR process=x[7]",
        ),
        (
            r#"{"t":{"$date":"2026-11-23T08:00:00Z"},"s":"I","msg":"HERE","host":null,"level":true}"#,
            "time=2026-11-23T08:00:00Z",
        ),
        (r#"{"a":"HERE","time":"cut of"#, "time=cut of"),
        (
            r#"{"time":"2026\u002d11","unit":"a\nb\u001b[31m","a":"HERE"}"#,
            "time=2026-11 unit=a�b�[31m",
        ),
        (r#"{"a":"HERE","b":["time",{"time":"no"}]}"#, ""),
    ] {
        assert_eq!(of(line), expected, "{line}");
        assert_eq!(of(format!("{{\"time\":\"x\"}}\n{line}\n{{\"time\":\"y\"}}\n")), expected);
    }
}

#[test]
fn what_a_runtime_wrote_comes_before_what_the_program_said() {
    for (line, expected) in [
        ("2026-11-23T08:00:00.5Z stdout F HERE", "time=2026-11-23T08:00:00.5Z"),
        (
            r#"2026-11-23T08:00:00.5Z stderr F {"time":"no","level":"info","msg":"HERE"}"#,
            "time=2026-11-23T08:00:00.5Z level=info",
        ),
        (
            r#"{"log":"2026-11-23 07:59 ERROR HERE\n","stream":"stdout","time":"2026-11-23T08:00:00.5Z"}"#,
            "time=2026-11-23T08:00:00.5Z level=ERROR",
        ),
        (
            r#"{"log":"{\"level\":\"info\",\"pod\":\"p\",\"m\":\"HERE\"}\n","stream":"stdout","time":"t"}"#,
            "time=t pod=p level=info",
        ),
        (
            "2026-11-23T08:00:00+00:00\tdocker.web\t{\"container_name\":\"/web\",\"log\":\"HERE\"}",
            "time=2026-11-23T08:00:00+00:00 unit=docker.web container=/web",
        ),
    ] {
        assert_eq!(of(line), expected, "{line}");
    }
    // Of a line that is too long the end is enough.
    let long = "x".repeat(1 << 20);
    let line = format!(r#"{{"log":"{long}HERE\n","stream":"stdout","time":"2026"}}"#);
    assert_eq!(of(line), "time=2026");
    assert_eq!(of(format!("2026-11-23T08:00:00Z stdout F {long}HERE")), "");
}

#[test]
fn syslog_tells_host_and_program() {
    for (line, expected) in [
        (
            "Nov 23 08:00:00 web-1 sshd[812]: HERE",
            "time=Nov 23 08:00:00 unit=sshd host=web-1 process=sshd[812]",
        ),
        (
            "<34>Nov  3 08:00:00 web-1 su: level=info HERE",
            "time=Nov  3 08:00:00 unit=su host=web-1 level=info process=su",
        ),
        ("Nov 23 08:00:00 cron[7]: HERE", "time=Nov 23 08:00:00 unit=cron process=cron[7]"),
        (
            "<165>1 2026-11-23T08:00:00.003Z web-1 app 812 ID47 [a b=\"c\"] HERE",
            "time=2026-11-23T08:00:00.003Z unit=app host=web-1 process=app[812]",
        ),
        ("<165>1 - - app - - - HERE", "unit=app process=app"),
        (
            "2026-11-23T08:00:00.123456+00:00 web-1 dockerd[9]: time=\"no\" level=warning msg=HERE",
            "time=2026-11-23T08:00:00.123456+00:00 unit=dockerd host=web-1 level=warning process=dockerd[9]",
        ),
        (
            "2026-11-23T08:00:00+0000 web-1 kernel: HERE",
            "time=2026-11-23T08:00:00+0000 unit=kernel host=web-1 process=kernel",
        ),
        ("2026-11-23 08:00:00 INFO main: HERE", "time=2026-11-23 08:00:00 level=INFO"),
        ("Nov 23 was a Monday HERE", ""),
        ("<34>HERE", ""),
    ] {
        assert_eq!(of(line), expected, "{line}");
    }
}

#[test]
fn logfmt_and_other_lines_tell_what_they_have() {
    for (line, expected) in [
        (
            r#"time="2026-11-23 08:00" level=info pod=p-1 msg="HERE host=no" host=h x"#,
            "time=2026-11-23 08:00 host=h pod=p-1 level=info",
        ),
        (r#"level=debug msg="a \"quoted\" HERE" namespace="n"#, "namespace=n level=debug"),
        ("host=db user=me password=HERE", ""),
        ("connecting host=db level=x password=HERE", ""),
        ("[2026-11-23 08:00:00,123] [main] [warn] HERE", "time=2026-11-23 08:00:00,123 level=warn"),
        ("2026/11/23 08:00:00 [error] 7#7: *1 HERE", "time=2026/11/23 08:00:00 level=error"),
        ("E1123 08:00:00.000001    7 a.go:3] HERE", "time=1123 08:00:00.000001 level=E"),
        (
            "1.2.3.4 - - [23/Nov/2026:08:00:00 +0000] \"GET /?k=HERE HTTP/1.1\" 200",
            "time=23/Nov/2026:08:00:00 +0000",
        ),
        ("HERE is prose about an error in 2026-11-23", ""),
        ("2026-11-23T08:00:00Z an info for all HERE", "time=2026-11-23T08:00:00Z"),
    ] {
        assert_eq!(of(line), expected, "{line}");
    }
}

#[test]
fn entries_of_the_journal_are_read_whole() {
    let other = "__CURSOR=1\n__REALTIME_TIMESTAMP=1\n_BOOT_ID=b\n_SYSTEMD_UNIT=a.service\n\
                 _HOSTNAME=a\nMESSAGE=x\n\n";
    let begin = "__CURSOR=2\n__REALTIME_TIMESTAMP=1732348800000000\n_BOOT_ID=b\nPRIORITY=3\n";
    let end = "_SYSTEMD_UNIT=web.service\nSYSLOG_IDENTIFIER=web\n_HOSTNAME=h\n_PID=7\n_COMM=webd\n";
    let expected = "time=1732348800000000 unit=web.service host=h level=err process=webd[7]";
    let message = "MESSAGE=HERE\n";
    assert_eq!(of(format!("{other}{begin}{message}{end}\n{other}")), expected);
    assert_eq!(of(format!("{begin}{end}{message}\n")), expected);
    assert_eq!(of(format!("{begin}{end}{message}")), expected);
    let mut binary = format!("{other}{begin}MESSAGE\n").into_bytes();
    binary.extend_from_slice(&11_u64.to_le_bytes());
    binary.extend_from_slice(b"a\n\nb=\nHERE\n");
    let whole = [&binary[..], b"\n", end.as_bytes(), b"\n", other.as_bytes()].concat();
    assert_eq!(of(whole), expected);
    // A message that was put together is longer than its length says.
    let joined = format!("{other}{begin}MESSAGE\n\x03\0\0\0\0\0\0\0abcHERE\n{end}\n{other}");
    assert_eq!(of(joined), expected);
    // Of a message that is too long the rest of the entry is enough.
    let long = format!("{other}{begin}MESSAGE={}HERE\n_BOOT_ID=b\n{end}\n", "x".repeat(1 << 20));
    assert_eq!(of(long), "time= unit=web.service host=h process=webd[7]".replace("time= ", ""));
    // Behind an entry and in a list of variables there is none.
    assert_eq!(of(format!("{other}HERE\n")), "");
    assert_eq!(of("HOST=h\nPASSWORD=HERE\nUNIT=u\n"), "");
    let json = r#"{"__CURSOR":"1","__REALTIME_TIMESTAMP":"17","_SYSTEMD_UNIT":"u","_HOSTNAME":"h","PRIORITY":"6","_PID":"7","SYSLOG_IDENTIFIER":"x","MESSAGE":"HERE"}"#;
    assert_eq!(of(json), "time=17 unit=u host=h level=info process=x[7]");
}

#[test]
fn a_line_of_a_message_belongs_to_the_line_with_the_time() {
    let text = "2026-11-23T07:00:00Z h a[1]: other\n2026-11-23T08:00:00Z h web[7]: failed\n\
                java.lang.Exception: x\n\n    at a.b(c.java:1)\nCaused by: HERE\n    at d\n\
                2026-11-23T09:00:00Z h b[1]: x\n";
    let expected = "time=2026-11-23T08:00:00Z unit=web host=h process=web[7]";
    assert_eq!(of(text), expected);
    assert_eq!(of(text.replace('\n', "\r\n")), expected);
    assert_eq!(of("2026-11-23T08:00:00Z x\n  HERE\n"), "time=2026-11-23T08:00:00Z");
    // A record is no line of another.
    assert_eq!(of("2026-11-23T08:00:00Z x\n{\"a\":\"HERE\"}\n"), "");
    // Too far away.
    let far = format!("2026-11-23T08:00:00Z x\n{}HERE\n", "y\n".repeat(LINES));
    assert_eq!(of(far), "");
    let far = format!("2026-11-23T08:00:00Z x\n{}\nHERE\n", "y".repeat(WINDOW));
    assert_eq!(of(far), "");
}

#[test]
fn names_of_files_tell_pod_and_container() {
    let path = |path: &str| known(&LogContext::of_path(path.as_ref()));
    let id = "0123456789abcdef".repeat(4);
    let pod = "pod=web-7d9f namespace=shop container=side-car";
    assert_eq!(path(&format!("/var/log/containers/web-7d9f_shop_side-car-{id}.log")), pod);
    let uid = "0b6a4f0e-1f2a-4d3b-9c51-8a7e6d5c4b3a";
    assert_eq!(path(&format!("/var/log/pods/shop_web-7d9f_{uid}/side-car/0.log")), pod);
    assert_eq!(path(&format!("a/shop_web-7d9f_{uid}/side-car/3.log.20261123-080000.gz")), pod);
    let docker = format!("/var/lib/docker/containers/{id}/{id}-json.log.1");
    assert_eq!(path(&docker), "container=0123456789ab");
    for other in [
        "",
        "/",
        "/var/log/syslog",
        "/var/log/a_b_c.log",
        "/var/log/containers/a_b_c-1234.log",
        "shop_web_uid/side-car/0.log",
        &format!("{id}/-json.log"),
    ] {
        assert_eq!(path(other), "", "{other}");
    }
}

#[test]
fn values_are_short_and_never_move_a_terminal() {
    let long = "é\u{1b}".repeat(200);
    let line = format!(r#"{{"time":"{long}","host":" ","pod":"-","m":"HERE"}}"#);
    let context = LogContext::of(line.as_bytes(), 2);
    let time = context.timestamp.as_deref().unwrap();
    assert!((120..=LONGEST).contains(&time.len()) && time.starts_with("é\u{fffd}é"));
    assert!(time.chars().all(|c| matches!(c, 'é' | '\u{fffd}')));
    assert_eq!((&context.host, &context.pod), (&None, &None));
    let latin = LogContext::of(b"{\"time\":\"\xe9\xff\xfe\"}", 3);
    assert!(latin.timestamp.unwrap().starts_with('\u{fffd}'));
}

#[test]
fn what_is_known_stays_and_is_not_shown_unasked() {
    let mut context = LogContext::of(b"{\"time\":\"t\",\"pod\":\"hunter2\"}", 3);
    context.merge(&LogContext::of(b"{\"time\":\"u\",\"host\":\"h\"}", 3));
    assert_eq!(known(&context), "time=t host=h pod=hunter2");
    assert_eq!(format!("{context:?}"), r#"LogContext {"timestamp", "host", "pod"}"#);
    assert!(!context.is_empty() && LogContext::default().is_empty());
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 500, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_text_makes_it_panic(
        parts in proptest::collection::vec(proptest::sample::select(vec![
            "{", "}", "\"", "\\", ":", ",", "time", "log", "host", "=", " ", "\n", "\r\n", "[", "]",
            "<34>", "1 ", "-", "2026-11-23T08:00:00Z", "Nov 23 08:00:00", " stdout F ", "kubernetes",
            "__CURSOR=", "_PID=7", "MESSAGE", "\0\0\0", "é", "\u{1b}", "\\u00", "I1123 ", "\"time\":\"",
            "[23/Nov/2026:08:00:00 +0000]", "_BOOT_ID=1",
        ]), 0..40),
        at in 0_usize..300,
    ) {
        let context = LogContext::of(parts.concat().as_bytes(), at);
        let known = known(&context);
        prop_assert!(known.chars().all(|c| !c.is_control()));
    }

    #[test]
    fn no_bytes_make_it_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200), at in 0_usize..250) {
        let _ = LogContext::of(&bytes, at);
    }
}
