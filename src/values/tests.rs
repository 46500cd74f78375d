//! Tests of all parsers, as they are used.

use proptest::prelude::*;
use serde_json::json;

use super::*;

const START: u64 = 1_795_377_000_000_000;

fn parser(spec: serde_json::Value) -> Parser {
    let spec = Spec::read(&spec).unwrap_or_else(|error| panic!("{error}"));
    Parser::new(&spec).unwrap()
}

fn rx(offset: u64, time: u64, bytes: &[u8]) -> Record<'_> {
    Record {
        kind: Kind::Rx,
        offset: Offset(offset),
        time: Time(time),
        author: None,
        bytes,
    }
}

/// A reading in words: `offset+length @ago temp=21.5C hum=40`.
fn told(reading: &Reading<'_>) -> String {
    let value = |value: &Value| {
        let Series { name, unit } = &reading.series[usize::from(value.series)];
        let (unit, value) = (unit.as_deref().unwrap_or_default(), value.value);
        format!("{name}={value}{unit}")
    };
    let values: Vec<_> = reading.values.iter().map(value).collect();
    values.join(", ")
}

/// What a parser finds in bytes that come in at once, after a line of something else.
fn found_by(spec: serde_json::Value, bytes: &[u8]) -> Vec<String> {
    let (mut parser, mut found) = (parser(spec), Vec::new());
    parser.take(&rx(0, START, b"\n"), |_| unreachable!());
    parser.take(&rx(1, START, bytes), |reading| found.push(told(reading)));
    found
}

fn auto(lines: &str) -> Vec<String> {
    found_by(json!("auto"), format!("{lines}\n").as_bytes())
}

#[test]
fn a_line_gives_what_the_table_says() {
    for (line, expected) in [
        // Teleplot
        (">temp:23.5§°C", &["temp=23.5°C"][..]),
        (">pos:1.5:2.5|xy", &["pos.x=1.5, pos.y=2.5"]),
        (
            ">pos:1:2;3:4|xy,np",
            &["pos.x=1, pos.y=2, pos.x=3, pos.y=4"],
        ),
        (">temp,room:5|g", &["temp=5"]),
        (">a:1;2;3", &["a=1, a=2, a=3"]),
        (">a:1;2;", &["a=1, a=2"]),
        (">a: 7", &["a=7"]),
        (">state:Turned On|t", &[]),
        (">3D|box:S:cube:W:1:D:2", &[]),
        (">statsd.x:5|c", &[]),
        // JSON
        (
            r#"{"temp": 21.5, "wind": {"speed": 3}, "ok": true}"#,
            &["temp=21.5, wind.speed=3, ok=1"],
        ),
        (
            r#"{"a":[1,2.5,{"b":3}],"s":"4","n":null}"#,
            &["a.0=1, a.1=2.5, a.2.b=3"],
        ),
        (r#"{"a":{"b":{"c":{"d":1,"e":{"f":2}}}}}"#, &["a.b.c.d=1"]),
        (r#"{"a\u0041\"\n":1}"#, &[r#"aA"=1"#]),
        (r#"{"temp": 21.5"#, &[]),
        (r#"{"temp": 21.5}}"#, &[]),
        (r#"{"temp": 01x}"#, &[]),
        ("{}", &[]),
        // Labels
        ("temp: 21.5 C, hum: 40 %", &["temp=21.5C, hum=40%"]),
        (
            "temp:21.4 hum:40.1 light:512",
            &["temp=21.4, hum=40.1, light=512"],
        ),
        (
            "temp:21.4C hum:40.1% light:512lx",
            &["temp=21.4C, hum=40.1%, light=512lx"],
        ),
        ("I (1234) wifi: rssi=-60", &["rssi=-60"]),
        ("Label 1:10,Label 2:20", &["Label 1=10, Label 2=20"]),
        ("Label 1:10\tLabel 2:20", &["Label 1=10, Label 2=20"]),
        (
            "[12:00:01] temp: 21.5 C, hum: 40 %",
            &["temp=21.5C, hum=40%"],
        ),
        ("12:00:01.250 -> t = -1.5e-3", &["t=-0.0015"]),
        ("2026-11-22 12:00:01 temp: 5", &["temp=5"]),
        ("\x1b[0;32mI (312) main: v: 3.3V\x1b[0m", &["v=3.3V"]),
        ("led: on, fan=FALSE pump:off", &["led=1, fan=0, pump=0"]),
        (
            "Temperature (°C): 21.5  Humidity[%]=40",
            &["Temperature=21.5°C, Humidity=40%"],
        ),
        ("the value of the temperature sensor is: 5", &["is=5"]),
        ("a b sensor 1: 5", &["sensor 1=5"]),
        ("Größe: 5 mm", &["Größe=5mm"]),
        ("cpu-temp: 50.", &["cpu-temp=50"]),
        ("temp=48.3'C", &["temp=48.3'C"]),
        ("x: 1 m: 2", &["x=1, m=2"]),
        (
            "PM2.5: 12 ug/m3 (CO2: 400ppm)",
            &["PM2.5=12ug/m3, CO2=400ppm"],
        ),
        ("x:1|y:2|z:3", &["x=1, y=2, z=3"]),
        ("uptime: 5 of 10 days", &["uptime=5"]),
        ("A0: 512", &["A0=512"]),
        ("temp\u{fffd}: 5", &[]),
        // Columns
        ("21.5,40", &["value 1=21.5, value 2=40"]),
        ("21.5 40", &["value 1=21.5, value 2=40"]),
        ("21,5;40,2", &["value 1=21.5, value 2=40.2"]),
        ("1\t2 \t 3", &["value 1=1, value 2=2, value 3=3"]),
        ("512", &["value 1=512"]),
        ("1,,3,", &["value 1=1, value 3=3"]),
        ("21.5 C, 40 %", &["value 1=21.5C, value 2=40%"]),
        ("-.5 +3", &["value 1=-0.5, value 2=3"]),
    ] {
        assert_eq!(auto(line), expected, "{line}");
    }
}

#[test]
fn what_only_looks_like_values_gives_none() {
    for line in [
        "12:00:01",
        "192.168.1.5",
        "ip: 192.168.1.5",
        "2026-11-22",
        "date: 2026-11-22",
        "1.2.3",
        "version: 1.2.3",
        "0x1f",
        "a=0x1f",
        "12ab",
        "a: 12ab",
        "hello",
        "hello, world",
        "temp:",
        "temp: high",
        "= 5",
        ": 5",
        "12: 5",
        "45%",
        "5 V",
        ",,,",
        "",
        "nan",
        "temp: nan",
        "10x20",
        "size: 10x20",
        "range: 5-10",
        "ratio: 3/4",
        "progress: 45/100",
        "error: off by one",
        "led: on the left",
        // GPS
        "$GPGGA,123519,4807.038,N,01131.000,E,1,08,0.9,545.4,M,46.9,M,,*47",
        "$GPRMC,123519,A,4807.038,N,01131.000,E,022.4,084.4,230394,003.1,W*6A",
        "$GNGSV,1,1,00*65",
        "!AIVDM,1,1,,A,14eG;o@034o8sd<L9i:a;WF>062D,0*7D",
        // Modems
        "AT+CMGF=1",
        "+CSQ: 18,99",
        "OK",
        "RING",
        // Dumps
        "00000010: 48 65 6c 6c 6f 20 77 6f 72 6c 64 0a 00 00 00 00  Hello world.....",
        "0010 48 65 61 33",
        "00 11 22 33 44 55 66 77",
        "80000000: ea000016 e59ff014 e59ff014 e59ff014",
        ":10010000214601360121470136007EFE09D2190140",
        "S1137AF00A0A0D0000000000000000000000000061",
        // ESP32 boot
        "ets Jun  8 2016 00:22:57",
        "rst:0x1 (POWERON_RESET),boot:0x13 (SPI_FAST_FLASH_BOOT)",
        "clk_drv:0x00,q_drv:0x00,d_drv:0x00,cs0_drv:0x00,hd_drv:0x00,wp_drv:0x00",
        "load:0x3fff0030,0x540",
        "ho 0 tail 12 room 4",
        "entry 0x400805f0",
        "I (29) boot: ESP-IDF v5.1 2nd stage bootloader",
        "I (29) boot: compile time Nov 22 2026 12:00:01",
        "I (52) boot: ## Label            Usage          Type ST Offset   Length",
        "I (60) boot:  0 nvs              WiFi data        01 02 00009000 00006000",
        "I (320) cpu_start: 2 cores",
        "I (100) esp_image: segment 0: paddr=00010020 vaddr=3f400020",
        "I (349) heap_init: At 3FFAE6E0 len 00001920 (6 KiB): DRAM",
        "\x1b[0;33mW (409) spi_flash: 16 MB\x1b[0m",
        "[00:00:01.234,567] <inf> main: 5 apples",
        // ESPHome
        "[12:00:01][D][dht:048]: Sending state",
        "[D][sensor.cpp:123]: Got it",
        "main.c:42 started",
        // Linux
        "[    0.000000] Booting Linux on physical CPU 0x0",
        "[    0.000000] Linux version 6.1.0-rpi4 (gcc 12.2.0) #1 SMP PREEMPT",
        "[    0.000000] Kernel command line: console=ttyS0,115200 root=/dev/mmcblk0p2 rw",
        "[    0.123456] Memory: 999740K/1048576K available",
        "[    1.234567] usb 1-1: new high-speed USB device number 2 using xhci_hcd",
        "[    1.345678] eth0: Link is Up - 100Mbps/Full - flow control rx/tx",
        "Nov 22 12:00:01 pi kernel: ready",
        "Starting kernel ...",
        "login: ",
        "root@pi:~# ls",
        "drwxr-xr-x 2 root root 4096 Nov 22 12:00 bin",
        // Addresses
        "MAC: 24:0a:c4:12:34:56",
        "00:11:22:33:a4:56",
        "fe80::1 2001:db8::ff:12",
        "http://host:8080/x",
        "see http://host:8080",
        "Restart at 12:00",
        "\u{fffd}\u{fffd}x: 5",
        "\u{fffd}a\u{fffd}b=7",
    ] {
        assert_eq!(auto(line), [""; 0], "{line}");
    }
}

#[test]
fn times_of_teleplot_tell_how_far_readings_lie_apart() {
    let mut parser = parser(json!("teleplot"));
    let mut found = Vec::new();
    let line = b"\n>t:1627551892437:23.5;1627551892447:23.7;1627551892450.5:1;9:2\n";
    parser.take(&rx(0, START, line), |reading| {
        assert_eq!(
            (reading.offset, reading.length),
            (Offset(1), line.len() as u32 - 1)
        );
        found.extend(
            reading
                .values
                .iter()
                .map(|value| (reading.time.0, value.value)),
        );
    });
    // The last lies far before the others: they cannot lie behind it.
    let expected = [23.5, 23.7, 1.0, 2.0].map(|value| (START, value));
    assert_eq!(found, expected);
    found.clear();
    let offset = line.len() as u64;
    let line = b">t:1627551892437:23.5;1627551892447:23.7\n";
    parser.take(&rx(offset, START, line), |reading| {
        found.extend(
            reading
                .values
                .iter()
                .map(|value| (reading.time.0, value.value)),
        );
    });
    assert_eq!(found, [(START - 10_000, 23.5), (START, 23.7)]);
}

#[test]
fn columns_are_called_what_the_line_above_says() {
    assert_eq!(auto("temp,hum\n21.5,40"), ["temp=21.5, hum=40"]);
    assert_eq!(
        auto("temp (C);hum [%]\n21,5;40,2"),
        ["temp=21.5C, hum=40.2%"]
    );
    assert_eq!(auto("temp hum\n21.5 40"), ["temp=21.5, hum=40"]);
    assert_eq!(auto("temp,hum\nready.\n21.5,40"), ["temp=21.5, hum=40"]);
    // As many, and parted alike.
    assert_eq!(auto("temp,hum\n1,2,3"), ["value 1=1, value 2=2, value 3=3"]);
    assert_eq!(auto("temp hum\n1,2"), ["value 1=1, value 2=2"]);
    // A time, a word, nothing, and no value.
    assert_eq!(
        auto("time,temp,mode,hum\n12:00:01,21.5,auto,40\n12:00:02,,auto,nan\n12:00:03,22,off,"),
        ["temp=21.5, hum=40", "temp=NaN, hum=NaN", "temp=22, hum=NaN"]
    );
    // A sentence does not rename what is in use, but a header above numbers does.
    assert_eq!(
        auto("a,b\n1,2\nOops, sorry\nWait\n3,4"),
        ["a=1, b=2", "a=3, b=4"]
    );
    assert_eq!(auto("a b\n1 2\nOops sorry\n3 4"), ["a=1, b=2", "a=3, b=4"]);
    assert_eq!(auto("a,b\n1,2\nc,d\n3,4"), ["a=1, b=2", "c=3, d=4"]);
    assert_eq!(auto("a,b\nno,numbers\n"), [""; 0]);
}

#[test]
fn no_value_is_a_break_in_what_was_there() {
    assert_eq!(
        auto("5\nnan\n-inf\n6"),
        ["value 1=5", "value 1=NaN", "value 1=NaN", "value 1=6"]
    );
    assert_eq!(auto("t: 5\nt: ovf"), ["t=5", "t=NaN"]);
    assert_eq!(auto("{\"t\":5}\n{\"t\":null}"), ["t=5", "t=NaN"]);
    assert_eq!(auto("t: 1e999\nt: 5"), ["t=5"]);
}

#[test]
fn a_panel_that_a_device_brings_has_no_values() {
    let panel = "{\"seriald\":1,\"title\":\"Arm\",\"widgets\":[{\"min\":0,\"max\":180}]}";
    assert_eq!(auto(&format!("{panel}\nt:1")), ["t=1"]);
}

#[test]
fn other_parsers_find_what_they_are_told() {
    for (spec, lines, expected) in [
        (
            json!({"type": "columns", "names": ["temp", "hum"]}),
            "1,2\n3;4\n1,2,3\nx,y\n5 V,6",
            &["temp=1, hum=2", "temp=3, hum=4", "temp=5V, hum=6"][..],
        ),
        (
            json!({"type": "columns", "separator": "\t"}),
            "temp\n5\n1,2",
            &["temp=5"],
        ),
        (json!("columns"), "t: 5\n5", &["value 1=5"]),
        (json!("labels"), "5\nt: 5\n>a:7", &["t=5", "a=7"]),
        (json!("json"), "t: 5\n{\"t\":6}", &["t=6"]),
        (
            json!({"type": "regex", "pattern": "T=(?<temp>[-\\d.]+) H=(?<hum>\\d+)", "units": {"temp": "°C"}}),
            "T=21.5 H=40\nT=x H=2\nT=1 H=2 T=3 H=4",
            &["temp=21.5°C, hum=40", "temp=1°C, hum=2"],
        ),
        (
            json!({"type": "regex", "pattern": "(?<name>\\w+)\\((?<value>\\S+?)(?<unit>[a-z]*)\\)"}),
            "a(1kn) b(2) c(x)",
            &["a=1kn, b=2"],
        ),
        (
            json!({"type": "regex", "pattern": "state (?<on>\\w+)|(?<x>)"}),
            "state on\nstate false\nstate odd",
            &["on=1", "on=0"],
        ),
        (
            json!(["labels", {"type": "regex", "pattern": "^(?<n>\\d+)"}]),
            "7 t: 5",
            &["t=5, n=7"],
        ),
    ] {
        assert_eq!(
            found_by(spec.clone(), format!("{lines}\n").as_bytes()),
            expected,
            "{spec}"
        );
    }
}

#[test]
fn binary_records_are_read_as_their_table_says() {
    let spec = json!({
        "type": "binary",
        "frame": {"type": "fixed", "length": 16, "sync": "aa 55"},
        "fields": [
            {"name": "temp", "type": "i16", "scale": 0.5, "unit": "°C"},
            {"name": "hum", "type": "u16", "plus": -5},
            {"skip": 2},
            {"name": "weight", "type": "f32", "endian": "big"},
            {"skip": -4},
            {"name": "sign", "type": "u8", "bit": 6},
            {"skip": 3}],
        "checksum": {"type": "crc16-modbus"}});
    let mut frame = vec![0xaa, 0x55, 0xfe, 0xff, 10, 0, 9, 9];
    frame.extend_from_slice(&2.5f32.to_be_bytes());
    frame.extend_from_slice(&[1, 2]);
    let crc = crc::Crc::<u16>::new(&crc::CRC_16_MODBUS).checksum(&frame);
    frame.extend_from_slice(&crc.to_le_bytes());
    let good = "temp=-1°C, hum=5, weight=2.5, sign=1";
    assert_eq!(found_by(spec.clone(), &frame), [good]);
    // Found again after a loss, also where the sync stands in the middle of junk.
    let mut broken = frame.clone();
    broken[5] ^= 1;
    let all = [
        &b"\xaa\x55junk"[..],
        &frame,
        &broken,
        &frame,
        &frame[..7],
        &frame,
        &frame[..3],
    ]
    .concat();
    for cut in 0..all.len() {
        let (mut parser, mut found) = (parser(spec.clone()), Vec::new());
        let mut take = |from: usize, bytes: &[u8]| {
            parser.take(&rx(from as u64, START, bytes), |reading| {
                assert_eq!(reading.length, 16);
                found.push((reading.offset.0, told(reading)));
            });
        };
        take(0, &all[..cut]);
        take(cut, &all[cut..]);
        let expected = [6, 38, 61].map(|offset| (offset, good.to_owned()));
        assert_eq!(found, expected);
        assert_eq!(parser.ignored(), 3);
    }
}

#[test]
fn frames_that_are_stuffed_begin_behind_the_end_of_another() {
    let fields = json!([{"name": "a", "type": "u16"}]);
    let cobs = json!({"type": "binary", "frame": {"type": "cobs"}, "fields": fields});
    assert_eq!(
        found_by(
            cobs.clone(),
            b"\x01\x02\x00\x02\x05\x01\x00\x00\x03\x01\x01\x00\x05\x00\x01"
        ),
        ["a=5", "a=257"]
    );
    let slip = json!({"type": "binary", "frame": {"type": "slip"}, "endian": "big", "fields": fields,
        "checksum": {"type": "xor8", "from": 1}});
    assert_eq!(
        found_by(
            slip,
            b"\xc0\x00\xdb\xdc\xdb\xdc\xc0\xc0\x01\x02\x02\xc0\x01\x02\x03\xc0"
        ),
        ["a=192", "a=258"]
    );
}

#[test]
fn frames_without_a_sync_begin_after_a_pause_or_where_a_checksum_holds() {
    let fields = json!([{"name": "a", "type": "u8"}]);
    let plain =
        json!({"type": "binary", "frame": {"type": "fixed", "length": 2}, "fields": fields});
    let (mut parser, mut found) = (parser(plain), Vec::new());
    let mut take = |offset, time, bytes: &[u8]| {
        parser.take(&rx(offset, START + time, bytes), |reading| {
            found.push(told(reading))
        });
    };
    take(0, 0, b"\x01\x00\x02");
    take(3, 100_000, b"\x03");
    take(4, 100_001, b"\x00");
    assert_eq!(found, ["a=1", "a=3"]);
    let checked = json!({"type": "binary", "frame": {"type": "fixed", "length": 3}, "fields": fields, "checksum": {"type": "crc8"}});
    let crc = |bytes: &[u8]| crc::Crc::<u8>::new(&crc::CRC_8_SMBUS).checksum(bytes);
    let sum = crc(&[7, 8]);
    let found = found_by(checked, &[1, 7, 8, sum, 7, 8, sum]);
    assert_eq!(found, ["a=7", "a=7"]);
}

#[test]
fn what_cannot_be_meant_is_refused_with_its_place() {
    let fields = json!([{"name": "a", "type": "u8"}]);
    for (spec, at, message) in [
        (json!(5), "", "a parser is a word"),
        (json!("magic"), "type", "\"magic\" is not known"),
        (json!({}), "type", "is missing"),
        (json!({"type": "auto", "x": 1}), "x", "unknown field `x`"),
        (json!([]), "", "1 to 16"),
        (
            json!(["auto", {"type": "regex"}]),
            "[1]",
            "missing field `pattern`",
        ),
        (
            json!({"type": "regex", "pattern": "(?<a>"}),
            "pattern",
            "character 1: unclosed group",
        ),
        (
            json!({"type": "regex", "pattern": "a"}),
            "pattern",
            "no group has a name",
        ),
        (
            json!({"type": "regex", "pattern": "(?<a>x)", "units": {"b": "V"}}),
            "units",
            "no group is called \"b\"",
        ),
        (
            json!({"type": "columns", "separator": "x"}),
            "separator",
            "unknown variant `x`",
        ),
        (json!({"type": "columns", "names": []}), "names", "1 to 64"),
        (
            json!({"type": "columns", "names": ["a", " "]}),
            "names[1]",
            "has a name",
        ),
        (
            json!({"type": "binary", "frame": {"type": "cobs"}, "fields": []}),
            "fields",
            "1 to 64",
        ),
        (
            json!({"type": "binary", "frame": {"type": "fixed", "length": 0}, "fields": fields}),
            "frame.length",
            "1 to 4096",
        ),
        (
            json!({"type": "binary", "frame": {"type": "fixed", "length": 1, "sync": "aa"}, "fields": fields}),
            "fields",
            "takes 2 bytes",
        ),
        (
            json!({"type": "binary", "frame": {"type": "fixed", "length": 4, "sync": "a"}, "fields": fields}),
            "frame.sync",
            "odd",
        ),
        (
            json!({"type": "binary", "frame": {"type": "cobs"}, "fields": [{"name": "a", "type": "u9"}]}),
            "fields[0]",
            "unknown variant `u9`",
        ),
        (
            json!({"type": "binary", "frame": {"type": "cobs"}, "fields": [{"name": "a", "type": "u8", "bit": 8}]}),
            "fields[0].bit",
            "0 to 7",
        ),
        (
            json!({"type": "binary", "frame": {"type": "cobs"}, "fields": [{"skip": -1}]}),
            "fields[0].skip",
            "outside",
        ),
        (
            json!([{"type": "binary", "frame": {"type": "cobs"}, "fields": fields, "checksum": {"type": "md5"}}, "auto"]),
            "[0].checksum.type",
            "unknown variant `md5`",
        ),
        (
            json!({"type": "binary", "frame": {"type": "fixed", "length": 4}, "fields": fields, "checksum": {"type": "crc16-modbus", "from": 3}}),
            "checksum.from",
            "nothing is left",
        ),
    ] {
        let error = Spec::read(&spec).expect_err(&spec.to_string());
        assert_eq!(error.at, at, "{spec}: {error}");
        assert!(error.message.contains(message), "{spec}: {error}");
    }
    let spec: Spec = serde_json::from_value(json!([{"type": "labels"}, "json"])).unwrap();
    let written = serde_json::to_value(&spec).unwrap();
    assert_eq!(written, json!([{"type": "labels"}, {"type": "json"}]));
    let error = serde_json::from_str::<Spec>(r#"["auto", "x"]"#).unwrap_err();
    assert!(error.to_string().starts_with("[1].type: \"x\""), "{error}");
}

/// Readings as (offset, length, time, text).
type Told = Vec<(u64, u32, u64, String)>;

fn all(parser: &mut Parser, records: &[Record<'_>]) -> Told {
    let mut found = Vec::new();
    for record in records {
        parser.take(record, |reading| {
            found.push((
                reading.offset.0,
                reading.length,
                reading.time.0,
                told(reading),
            ));
        });
    }
    found
}

#[test]
fn a_line_is_read_only_where_its_beginning_is_known() {
    let note = br#"{"what":"opened","text":"it was opened"}"#;
    let opened = |offset, time| Record {
        kind: Kind::Note,
        ..rx(offset, time, note)
    };
    let length = note.len() as u64;
    // Right behind the opening it may be the end of a line, but not after a silence.
    let records = [opened(0, START), rx(length, START + 9, b"5\n6\n")];
    let found = all(&mut parser(json!("auto")), &records);
    assert_eq!(found, [(length + 2, 2, START + 9, "value 1=6".to_owned())]);
    let records = [opened(0, START), rx(length, START + 60_000, b"5\n")];
    assert_eq!(all(&mut parser(json!("auto")), &records).len(), 1);
    // A device that goes in the middle of a line does not end it when it comes back.
    let back = [
        rx(0, START, b"\n1"),
        opened(2, START + 1),
        rx(2 + length, START + 2, b"2\n3\n"),
    ];
    assert_eq!(all(&mut parser(json!("auto")), &back).len(), 1);
}

#[test]
fn missing_bytes_end_a_line_and_what_was_typed_does_not() {
    let gap = |why| Gap {
        from: Offset(3),
        to: Offset(5),
        why,
    };
    for (why, expected) in [(Why::Dropped, 1), (Why::Crash, 1), (Why::Withheld, 2)] {
        let mut parser = parser(json!("auto"));
        let mut found = all(&mut parser, &[rx(0, START, b"\n12")]);
        parser.gap(&gap(why));
        found.extend(all(&mut parser, &[rx(5, START + 90_000, b"3\n7\n")]));
        assert_eq!(found.len(), expected, "{why:?}");
    }
    // Nobody said so, but the offsets do.
    let silent = [rx(0, START, b"\n12"), rx(5, START, b"3\n7\n")];
    assert_eq!(all(&mut parser(json!("auto")), &silent).len(), 1);
    let typed = Record {
        kind: Kind::Tx,
        author: Some("anna"),
        ..rx(3, START, b"x")
    };
    let records = [rx(0, START, b"\n12"), typed, rx(4, START, b"3\r\n7\n")];
    let found = all(&mut parser(json!("auto")), &records);
    let words = |offset, length, text: &str| (offset, length, START, text.to_owned());
    assert_eq!(
        found,
        [words(1, 5, "value 1=123"), words(7, 2, "value 1=7")]
    );
}

#[test]
fn strangers_cannot_fill_memory() {
    let mut parser = parser(json!("auto"));
    let mut lines = b"\n".to_vec();
    for name in 0..1000 {
        lines.extend_from_slice(format!("n{name}: 1\n").as_bytes());
    }
    lines.extend_from_slice("a: 1, ".repeat(100).as_bytes());
    lines.extend_from_slice(b"\nn5: 2\n");
    let found = all(&mut parser, &[rx(0, START, &lines)]);
    assert_eq!((found.len(), parser.series().len()), (257, 256));
    assert_eq!(parser.ignored(), 1000 - 256 + 100);
    let endless = vec![b'1'; 100_000];
    let found = all(&mut parser, &[rx(lines.len() as u64, START, &endless)]);
    assert_eq!(found, []);
    let mut exact = vec![b' '; 4096];
    exact[4095] = b'5';
    for (length, expected) in [(4096, 1), (4095, 1)] {
        let line = [b"\n", &exact[4096 - length..], b"\n"].concat();
        assert_eq!(
            all(
                &mut super::Parser::new(&Spec::default()).unwrap(),
                &[rx(0, START, &line)]
            )
            .len(),
            expected
        );
    }
    let line = [b"\n ", &exact[..], b"\n"].concat();
    assert_eq!(
        all(
            &mut super::Parser::new(&Spec::default()).unwrap(),
            &[rx(0, START, &line)]
        ),
        []
    );
}

/// Specs that between them use all that there is.
fn specs() -> impl Strategy<Value = serde_json::Value> {
    let fields = json!([{"name": "a", "type": "i16"}, {"name": "b", "type": "f32"}]);
    prop::sample::select(vec![
        json!("auto"),
        json!(["teleplot", "json", "labels", "columns"]),
        json!({"type": "columns", "names": ["a", "b"], "separator": " "}),
        json!({"type": "regex", "pattern": "(?<name>[a-z]*)=(?<value>\\S*)"}),
        json!({"type": "regex", "pattern": "(?<x>\\d+)?(?<y>.)?"}),
        json!({"type": "binary", "frame": {"type": "fixed", "length": 8, "sync": "0a"}, "fields": fields, "checksum": {"type": "xor8"}}),
        json!({"type": "binary", "frame": {"type": "fixed", "length": 7}, "fields": fields}),
        json!({"type": "binary", "frame": {"type": "cobs"}, "fields": fields}),
        json!(["auto", {"type": "binary", "frame": {"type": "slip"}, "fields": fields}]),
    ])
}

/// Bytes of which lines and frames are made.
fn bytes() -> impl Strategy<Value = Vec<u8>> {
    let pieces: Vec<&[u8]> = vec![
        b"\n",
        b"\r",
        b"\r\n",
        b"temp",
        b":",
        b"=",
        b" ",
        b"21.5",
        b"-",
        b"e3",
        b",",
        b";",
        b"\t",
        b"C",
        b"nan",
        b"on",
        b">",
        b"|xy",
        b"|",
        b"{\"a\":",
        b"}",
        b"[",
        b"]",
        b"\"",
        b"\\u00",
        b"null",
        b"\xc2\xb0",
        b"\xc2\xa7",
        b"\xff",
        b"\x1b[1m",
        b"\0",
        b"\xc0",
        b"\xdb\xdc",
        b"\x03\x02\x01",
        b"I (1) t: ",
        b"(",
        b")",
        b"%",
        b"0",
        b"x",
    ];
    let piece = prop_oneof![
        prop::sample::select(pieces).prop_map(<[u8]>::to_vec),
        prop::collection::vec(any::<u8>(), 0..4),
    ];
    prop::collection::vec(piece, 0..60).prop_map(|pieces| pieces.concat())
}

proptest! {
    #[test]
    fn readings_are_the_same_wherever_the_reads_were_cut(
        spec in specs(),
        bytes in bytes(),
        cuts in prop::collection::vec(any::<prop::sample::Index>(), 0..6),
    ) {
        let whole = all(&mut parser(spec.clone()), &[rx(0, START, &bytes)]);
        let mut cuts: Vec<_> = cuts.iter().map(|cut| cut.index(bytes.len() + 1)).collect();
        cuts.extend([0, bytes.len()]);
        cuts.sort_unstable();
        let pieces = cuts.windows(2).filter(|two| two[0] < two[1]);
        let records: Vec<_> = pieces.map(|two| rx(two[0] as u64, START, &bytes[two[0]..two[1]])).collect();
        prop_assert_eq!(all(&mut parser(spec), &records), whole);
    }

    #[test]
    fn a_reading_lies_within_what_came_and_its_values_are_finite(spec in specs(), bytes in bytes()) {
        let mut parser = parser(spec);
        parser.take(&rx(0, START, &bytes), |reading| {
            assert!(reading.end().0 <= bytes.len() as u64 && reading.length > 0);
            assert!(!reading.values.is_empty() && reading.values.len() <= 64);
            for value in reading.values {
                assert!(!value.value.is_infinite());
                let series = &reading.series[usize::from(value.series)];
                assert!((1..=64).contains(&series.name.chars().count()));
                assert!(!series.name.contains(char::is_control));
            }
        });
    }

    #[test]
    fn lines_of_something_else_change_nothing(junk in "[a-zA-Z .!?#*()<>-]{0,40}", lines in 1..5usize) {
        let valid = ["temp: 21.5 C, hum: 40", ">a:1:2", "{\"x\":[1,2]}", "5;6,5", "7"];
        let plain: String = valid[..lines].iter().map(|line| format!("{line}\n")).collect();
        let mixed: String = valid[..lines].iter().map(|line| format!("{line}\n {junk}.\n")).collect();
        prop_assert_eq!(auto(&mixed), auto(&plain));
    }

    #[test]
    fn no_spec_of_a_stranger_makes_anything_panic(text in "[\\[\\]{}\":,a-z0-9-]{0,60}") {
        let _: Result<Spec, _> = serde_json::from_str(&text);
    }
}
