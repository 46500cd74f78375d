//! Line editor: the line that is being typed, and what the terminal is told so that it shows it.
//!
//! It moves left with backspaces only, so it needs not know how wide the terminal is: in the mode for
//! reverse wrap-around a backspace goes to the end of the row above.

use super::keys::Key;

const LONGEST_LINE: usize = 1024;
const LONGEST_HISTORY: usize = 100;

/// What a key does beyond editing.
#[derive(Debug, PartialEq, Eq)]
pub enum Edit {
    /// The line is complete.
    Line(String),
    /// Ctrl-C.
    Interrupt,
    /// Ctrl-D on an empty line.
    End,
    /// Ctrl-L.
    Clear,
    /// Tab.
    Complete,
}

/// A line and the lines before it.
#[derive(Default)]
pub struct LineEditor {
    line: Vec<char>,
    cursor: usize,
    hidden: bool,
    killed: Vec<char>,
    history: Vec<String>,
    /// Which line of the history is shown; its length stands for the line that is new.
    shown: usize,
    draft: Vec<char>,
}

impl LineEditor {
    /// An empty line without history.
    pub fn new() -> Self {
        LineEditor::default()
    }

    /// An empty line that is not shown.
    pub fn hidden() -> Self {
        LineEditor {
            hidden: true,
            ..LineEditor::default()
        }
    }

    /// The text before the cursor.
    pub fn before_cursor(&self) -> String {
        self.line[..self.cursor].iter().collect()
    }

    /// Shows the line again behind a new prompt.
    pub fn show(&self, echo: &mut String) {
        echo.extend(&self.line);
        back(&self.line[self.cursor..], echo);
    }

    /// Types text at the cursor.
    pub fn insert(&mut self, text: &str, echo: &mut String) {
        for c in text.chars() {
            self.press(Key::Char(c), echo);
        }
    }

    /// Takes a key, and appends to `echo` what the terminal is to do.
    pub fn press(&mut self, key: Key, echo: &mut String) -> Option<Edit> {
        let mut unseen = String::new();
        let screen = if self.hidden { &mut unseen } else { &mut *echo };
        match key {
            Key::Enter => {
                self.move_to(self.line.len(), screen);
                echo.push('\n');
                return Some(Edit::Line(self.accept()));
            }
            Key::Ctrl('c') => {
                self.move_to(self.line.len(), screen);
                echo.push_str("^C\n");
                self.start_again();
                return Some(Edit::Interrupt);
            }
            Key::Ctrl('d') if self.line.is_empty() => return Some(Edit::End),
            Key::Ctrl('l') => return Some(Edit::Clear),
            Key::Tab => return Some(Edit::Complete),
            Key::Char(c) if self.line.len() < LONGEST_LINE => {
                self.line.insert(self.cursor, c);
                self.cursor += 1;
                screen.push(c);
                screen.extend(&self.line[self.cursor..]);
                back(&self.line[self.cursor..], screen);
            }
            Key::Left | Key::Ctrl('b') => self.move_to(self.cursor.saturating_sub(1), screen),
            Key::Right | Key::Ctrl('f') => self.move_to(self.cursor + 1, screen),
            Key::WordLeft => self.move_to(self.word_start(), screen),
            Key::WordRight => self.move_to(self.word_end(), screen),
            Key::Home | Key::Ctrl('a') => self.move_to(0, screen),
            Key::End | Key::Ctrl('e') => self.move_to(self.line.len(), screen),
            Key::Backspace => drop(self.erase(self.cursor.saturating_sub(1), self.cursor, screen)),
            Key::Delete | Key::Ctrl('d') => drop(self.erase(self.cursor, self.cursor + 1, screen)),
            Key::Ctrl('u') => self.kill(0, self.cursor, screen),
            Key::Ctrl('k') => self.kill(self.cursor, self.line.len(), screen),
            Key::Ctrl('w') | Key::WordBackspace => {
                self.kill(self.word_start(), self.cursor, screen);
            }
            Key::Ctrl('y') => {
                let killed: String = self.killed.iter().collect();
                self.insert(&killed, echo);
            }
            Key::Up | Key::Ctrl('p') => self.recall(self.shown.checked_sub(1), screen),
            Key::Down | Key::Ctrl('n') => self.recall(Some(self.shown + 1), screen),
            Key::Char(_) | Key::Ctrl(_) | Key::CursorAt { .. } => {}
        }
        None
    }

    fn accept(&mut self) -> String {
        let line: String = self.line.iter().collect();
        if !line.trim().is_empty() && self.history.last() != Some(&line) {
            self.history.push(line.clone());
            if self.history.len() > LONGEST_HISTORY {
                self.history.remove(0);
            }
        }
        self.start_again();
        line
    }

    fn start_again(&mut self) {
        self.line.clear();
        self.draft.clear();
        self.cursor = 0;
        self.shown = self.history.len();
    }

    fn move_to(&mut self, cursor: usize, screen: &mut String) {
        let cursor = cursor.min(self.line.len());
        if cursor < self.cursor {
            back(&self.line[cursor..self.cursor], screen);
        } else {
            screen.extend(&self.line[self.cursor..cursor]);
        }
        self.cursor = cursor;
    }

    fn erase(&mut self, from: usize, to: usize, screen: &mut String) -> Vec<char> {
        let to = to.min(self.line.len());
        self.move_to(from, screen);
        let erased: Vec<char> = self.line.drain(from..to).collect();
        if !erased.is_empty() {
            let rest = &self.line[from..];
            screen.extend(rest);
            blank(width(&erased), screen);
            back(rest, screen);
        }
        erased
    }

    fn kill(&mut self, from: usize, to: usize, screen: &mut String) {
        let killed = self.erase(from, to, screen);
        if !killed.is_empty() {
            self.killed = killed;
        }
    }

    fn recall(&mut self, wanted: Option<usize>, screen: &mut String) {
        let Some(wanted) = wanted.filter(|wanted| *wanted <= self.history.len()) else {
            return;
        };
        if self.shown == self.history.len() {
            self.draft = self.line.clone();
        }
        self.shown = wanted;
        let line = match self.history.get(wanted) {
            Some(line) => line.chars().collect(),
            None => std::mem::take(&mut self.draft),
        };
        let shown = width(&self.line);
        self.move_to(0, screen);
        screen.extend(&line);
        blank(shown.saturating_sub(width(&line)), screen);
        self.cursor = line.len();
        self.line = line;
    }

    fn word_start(&self) -> usize {
        let before = &self.line[..self.cursor];
        let word = before.iter().rposition(|c| *c != ' ').unwrap_or(0);
        before[..word]
            .iter()
            .rposition(|c| *c == ' ')
            .map_or(0, |space| space + 1)
    }

    fn word_end(&self) -> usize {
        let after = &self.line[self.cursor..];
        let word = after.iter().position(|c| *c != ' ').unwrap_or(after.len());
        let space = after[word..].iter().position(|c| *c == ' ');
        space.map_or(self.line.len(), |space| self.cursor + word + space)
    }
}

fn back(over: &[char], screen: &mut String) {
    screen.extend(std::iter::repeat_n('\x08', width(over)));
}

/// Blanks so many columns at the cursor. Spaces, for an erasing sequence at the beginning of a row also
/// erases that the row continues the one above, and with it the way back.
fn blank(columns: usize, screen: &mut String) {
    screen.extend(std::iter::repeat_n(' ', columns));
    screen.extend(std::iter::repeat_n('\x08', columns));
}

fn width(text: &[char]) -> usize {
    text.iter().map(|c| columns(*c)).sum()
}

/// How many columns a terminal gives a character: two for East Asian ones and pictures, none for accents
/// that go on top of another.
fn columns(c: char) -> usize {
    match u32::from(c) {
        0x300..=0x36f | 0x200b..=0x200f | 0xfe00..=0xfe0f => 0,
        0x1100..=0x115f | 0x2e80..=0xa4cf | 0xac00..=0xd7a3 | 0xf900..=0xfaff => 2,
        0xfe30..=0xfe6f | 0xff00..=0xff60 | 0x1f300..=0x1faff | 0x20000..=0x3fffd => 2,
        _ => 1,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::demo::random::Random;

    /// One endless row of a terminal, with what the editor uses of its language.
    #[derive(Default)]
    struct Row {
        cells: Vec<char>,
        cursor: usize,
    }

    impl Row {
        fn draw(&mut self, text: &str) {
            for c in text.chars() {
                if c == '\x08' {
                    self.cursor -= 1;
                    continue;
                }
                for half in [c, '\0'].into_iter().take(columns(c)) {
                    self.cells
                        .resize(self.cells.len().max(self.cursor + 1), ' ');
                    self.cells[self.cursor] = half;
                    self.cursor += 1;
                }
            }
        }

        fn text(&self) -> String {
            self.cells.iter().filter(|c| **c != '\0').collect()
        }
    }

    fn press(editor: &mut LineEditor, keys: &[Key]) -> (String, Option<Edit>) {
        let (mut echo, mut last) = (String::new(), None);
        for &key in keys {
            last = editor.press(key, &mut echo);
        }
        (echo, last)
    }

    fn typed(text: &str) -> Vec<Key> {
        text.chars().map(Key::Char).collect()
    }

    #[test]
    fn the_terminal_always_shows_the_line_and_the_cursor() {
        let keys = [
            Key::Left,
            Key::Right,
            Key::Home,
            Key::End,
            Key::WordLeft,
            Key::WordRight,
            Key::Backspace,
            Key::Delete,
            Key::Ctrl('w'),
            Key::Ctrl('u'),
            Key::Ctrl('k'),
            Key::Ctrl('y'),
            Key::Up,
            Key::Down,
        ];
        let mut random = Random::new(5);
        let mut pick = move |count: usize| (random.bits() % count as u64) as usize;
        let (mut editor, mut row) = (LineEditor::new(), Row::default());
        for _ in 0..20_000 {
            let mut echo = String::new();
            match pick(4) {
                0 => drop(editor.press(keys[pick(keys.len())], &mut echo)),
                1 if pick(10) == 0 => {
                    editor.press(Key::Enter, &mut echo);
                    row = Row::default();
                    assert!(echo.ends_with('\n'));
                    echo.clear();
                }
                _ => editor.insert(["a", "b", " ", "日", "é"][pick(5)], &mut echo),
            }
            row.draw(&echo);
            let shown: String = editor.line.iter().collect();
            let blanks = row
                .text()
                .strip_prefix(&shown)
                .map(|rest| rest.trim().is_empty());
            assert_eq!(blanks, Some(true), "{:?} shows {shown:?}", row.text());
            assert_eq!(
                row.cursor,
                width(&editor.line[..editor.cursor]),
                "after {echo:?}"
            );
        }
    }

    #[test]
    fn enter_gives_the_whole_line_wherever_the_cursor_is() {
        let mut editor = LineEditor::new();
        press(&mut editor, &typed("cho hello"));
        let (_, line) = press(&mut editor, &[Key::Home, Key::Char('e'), Key::Enter]);
        assert_eq!(line, Some(Edit::Line("echo hello".into())));
    }

    #[test]
    fn a_hidden_line_shows_nothing() {
        let mut editor = LineEditor::hidden();
        let (echo, _) = press(&mut editor, &typed("secret"));
        assert_eq!(echo, "");
        let (echo, _) = press(&mut editor, &[Key::Ctrl('w')]);
        assert_eq!(echo, "");
        let (echo, _) = press(&mut editor, &[Key::Ctrl('y'), Key::Left]);
        assert_eq!(echo, "");
        let (echo, line) = press(&mut editor, &[Key::Enter]);
        assert_eq!(
            (echo.as_str(), line),
            ("\n", Some(Edit::Line("secret".into())))
        );
    }

    #[test]
    fn words_are_rubbed_out_and_brought_back() {
        let mut editor = LineEditor::new();
        press(&mut editor, &typed("one two  "));
        press(&mut editor, &[Key::Ctrl('w')]);
        assert_eq!(editor.before_cursor(), "one ");
        press(&mut editor, &[Key::Ctrl('y')]);
        assert_eq!(editor.before_cursor(), "one two  ");
        press(&mut editor, &[Key::WordLeft, Key::WordLeft, Key::WordRight]);
        assert_eq!(editor.before_cursor(), "one");
        press(&mut editor, &[Key::Ctrl('u'), Key::Enter]);
        press(&mut editor, &[Key::Up]);
        assert_eq!(editor.before_cursor(), " two  ");
    }

    #[test]
    fn up_and_down_walk_the_history_and_come_back_to_the_draft() {
        let mut editor = LineEditor::new();
        for line in ["first", "second", "second"] {
            press(&mut editor, &typed(line));
            press(&mut editor, &[Key::Enter]);
        }
        press(&mut editor, &typed("dra"));
        let mut walk = |key| {
            press(&mut editor, &[key]);
            editor.before_cursor()
        };
        assert_eq!(walk(Key::Up), "second");
        assert_eq!(walk(Key::Up), "first");
        assert_eq!(walk(Key::Up), "first");
        assert_eq!(walk(Key::Down), "second");
        assert_eq!(walk(Key::Down), "dra");
        assert_eq!(walk(Key::Down), "dra");
    }

    #[test]
    fn ctrl_d_ends_an_empty_line_and_deletes_in_another() {
        let mut editor = LineEditor::new();
        assert_eq!(press(&mut editor, &[Key::Ctrl('d')]).1, Some(Edit::End));
        press(&mut editor, &typed("ab"));
        assert_eq!(press(&mut editor, &[Key::Home, Key::Ctrl('d')]).1, None);
        assert_eq!(editor.line, ['b']);
    }

    #[test]
    fn an_endless_line_does_not_grow() {
        let mut editor = LineEditor::new();
        editor.insert(&"x".repeat(10_000), &mut String::new());
        assert_eq!(editor.line.len(), LONGEST_LINE);
    }
}
