//! Colors: a table of every colour that a terminal can show.

/// The 16 named colours, the palette of 256 and a ramp of true colour.
pub fn table() -> String {
    let mut text = String::from("the 16 of the terminal's theme\n");
    for row in [0..8, 8..16] {
        row.for_each(|color| text.push_str(&cell(color)));
        text.push_str("\x1b[0m\n");
    }
    text.push_str("\na cube of 6 x 6 x 6\n");
    for green in 0..6 {
        for red in 0..6 {
            (0..6).for_each(|blue| {
                text.push_str(&format!(
                    "\x1b[48;5;{}m  ",
                    16 + 36 * red + 6 * green + blue
                ));
            });
            text.push_str("\x1b[0m ");
        }
        text.push('\n');
    }
    text.push_str("\n24 greys\n");
    (232..256).for_each(|grey| text.push_str(&format!("\x1b[48;5;{grey}m   ")));
    text.push_str("\x1b[0m\n\ntrue colour\n");
    for column in 0..72_u32 {
        let (red, green, blue) = hue(column * 6 * 256 / 72);
        text.push_str(&format!("\x1b[48;2;{red};{green};{blue}m "));
    }
    text.push_str(
        "\x1b[0m\n\n\x1b[1mbold\x1b[0m \x1b[2mfaint\x1b[0m \x1b[3mitalic\x1b[0m \x1b[4munderlined\x1b[0m \
         \x1b[7minverse\x1b[0m \x1b[9mstruck\x1b[0m\n",
    );
    text
}

fn cell(color: u8) -> String {
    let ink = if matches!(color, 0 | 1 | 4 | 5 | 8) {
        15
    } else {
        0
    };
    format!("\x1b[38;5;{ink};48;5;{color}m {color:>3} ")
}

/// The colour at a place on the wheel, which goes round in 6 x 256 steps.
fn hue(step: u32) -> (u32, u32, u32) {
    let (up, down) = (step % 256, 255 - step % 256);
    match step / 256 {
        0 => (255, up, 0),
        1 => (down, 255, 0),
        2 => (0, 255, up),
        3 => (0, down, 255),
        4 => (up, 0, 255),
        _ => (255, 0, down),
    }
}
