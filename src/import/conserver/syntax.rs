//! The syntax of conserver's files: `kind name { keyword value; ... }`, with quotes, backslashes and `#` comments.

use std::ops::Range;

/// A text as it is meant, and where it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Word {
    /// Without its quotes.
    pub text: String,
    /// With them.
    pub span: Range<usize>,
}

/// A block.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Block {
    /// Such as `console`; `#include` for a line that stands for another file, which is its name.
    pub kind: Word,
    /// Whose block it is.
    pub name: Word,
    /// Keywords and their values.
    pub items: Vec<(Word, Word)>,
}

/// Where a file is broken, and how.
pub type Broken = (Range<usize>, String);

/// Reads all blocks, up to where one is broken. The text stands at `begin`, from where their places count.
pub fn read(text: &str, begin: usize) -> (Vec<Block>, Option<Broken>) {
    let shift = |span: Range<usize>| span.start + begin..span.end + begin;
    let mut scanner = Scanner { text, at: 0 };
    let mut blocks = Vec::new();
    loop {
        match scanner.block() {
            Ok(Some(mut block)) => {
                let items = block.items.iter_mut();
                let words = items.flat_map(|(keyword, value)| [keyword, value]);
                for word in words.chain([&mut block.kind, &mut block.name]) {
                    word.span = shift(word.span.clone());
                }
                blocks.push(block);
            }
            Ok(None) => return (blocks, None),
            Err((span, why)) => return (blocks, Some((shift(span), why))),
        }
    }
}

struct Scanner<'a> {
    text: &'a str,
    at: usize,
}

impl Scanner<'_> {
    fn block(&mut self) -> Result<Option<Block>, Broken> {
        if let Some(include) = self.skip() {
            return Ok(Some(include));
        }
        if self.at == self.text.len() {
            return Ok(None);
        }
        let kind = self.word(true)?;
        self.skip_within()?;
        let name = self.word(false)?;
        if self.peek() != Some('{') || kind.text.is_empty() {
            return Err(self.expected("a block such as console NAME { ... }"));
        }
        self.at += 1;
        let mut items = Vec::new();
        loop {
            self.skip_within()?;
            match self.peek() {
                Some('}') => {
                    self.at += 1;
                    return Ok(Some(Block { kind, name, items }));
                }
                Some(';') => {
                    self.at += 1;
                    continue;
                }
                _ => {}
            }
            let keyword = self.word(true)?;
            self.skip_within()?;
            let value = self.word(false)?;
            if self.peek() != Some(';') || keyword.text.is_empty() {
                return Err(self.expected("a keyword, its value and ;"));
            }
            self.at += 1;
            items.push((keyword, value));
        }
    }

    fn peek(&self) -> Option<char> {
        self.text[self.at..].chars().next()
    }

    fn expected(&self, what: &str) -> Broken {
        (self.at..self.at, format!("{what} is expected here"))
    }

    /// Skips white space and comments, up to an include, which it gives: only that begins a line.
    fn skip(&mut self) -> Option<Block> {
        const INCLUDE: &str = "#include";
        loop {
            let rest = &self.text[self.at..];
            let trimmed = rest.trim_start();
            self.at = self.text.len() - trimmed.len();
            if !trimmed.starts_with('#') {
                return None;
            }
            let begin = self.at;
            let end = trimmed
                .find('\n')
                .map_or(self.text.len(), |end| begin + end);
            self.at = end;
            let is_first = begin == 0 || self.text[..begin].ends_with('\n');
            let name = trimmed[..end - begin].strip_prefix(INCLUDE);
            if let Some(name) = name.filter(|name| is_first && name.starts_with([' ', '\t'])) {
                let word = |text: &str| Word {
                    text: text.to_owned(),
                    span: begin..end,
                };
                return Some(Block {
                    kind: word(INCLUDE),
                    name: word(name.trim()),
                    items: Vec::new(),
                });
            }
        }
    }

    /// Skips white space and comments within a block.
    fn skip_within(&mut self) -> Result<(), Broken> {
        match self.skip() {
            None => Ok(()),
            Some(include) => {
                let why = "a file cannot be included within a block here; move this line before it";
                Err((include.kind.span, why.to_owned()))
            }
        }
    }

    /// A text up to `{`, `}` or `;`, or, where it is `short`, up to white space.
    fn word(&mut self, short: bool) -> Result<Word, Broken> {
        let begin = self.at;
        let mut text = String::new();
        // What is quoted is kept at the end, also white space.
        let mut kept = 0;
        while let Some(letter) = self.peek() {
            match letter {
                '{' | '}' | ';' => break,
                '#' => {
                    self.skip_within()?;
                    continue;
                }
                '"' => {
                    self.quoted(&mut text)?;
                    kept = text.len();
                    continue;
                }
                '\\' => {
                    self.at += 1;
                    let Some(next) = self.peek() else {
                        return Err((
                            begin..self.at,
                            "nothing stands behind this backslash".to_owned(),
                        ));
                    };
                    text.push(next);
                    kept = text.len();
                    self.at += next.len_utf8();
                    continue;
                }
                white if white.is_whitespace() => {
                    if short {
                        break;
                    }
                    text.push(white);
                }
                other => {
                    text.push(other);
                    kept = text.len();
                }
            }
            self.at += letter.len_utf8();
        }
        text.truncate(kept);
        let written = self.text[begin..self.at].trim_end().len();
        Ok(Word {
            text,
            span: begin..begin + written,
        })
    }

    /// What stands in double quotes, where only `\"` is not as it is.
    fn quoted(&mut self, text: &mut String) -> Result<(), Broken> {
        let begin = self.at;
        let mut rest = self.text[begin + 1..].char_indices().peekable();
        while let Some((place, letter)) = rest.next() {
            match letter {
                '"' => {
                    self.at = begin + 1 + place + 1;
                    return Ok(());
                }
                '\\' if rest.next_if(|(_, next)| *next == '"').is_some() => text.push('"'),
                other => text.push(other),
            }
        }
        Err((begin..begin + 1, "this quote is never closed".to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn quotes_comments_and_white_space_are_as_the_manual_says() {
        let text = "\"defa\"ult my\\ defs { rw *; in\\clude \"other defs\"  ; } # end\n\
                    #include /etc/a b \nbreak 1 { string \"+\\d\\\"#;\"; # no\n delay 300; }";
        let (blocks, broken) = read(text, 0);
        assert_eq!(broken, None);
        let names: Vec<_> = blocks
            .iter()
            .map(|block| (&*block.kind.text, &*block.name.text))
            .collect();
        assert_eq!(
            names,
            [
                ("default", "my defs"),
                ("#include", "/etc/a b"),
                ("break", "1")
            ]
        );
        assert_eq!(blocks[0].items[1].0.text, "include");
        assert_eq!(blocks[0].items[1].1.text, "other defs");
        assert_eq!(blocks[2].items[0].1.text, "+\\d\"#;");
        assert_eq!(&text[blocks[2].items[1].1.span.clone()], "300");
    }

    #[test]
    fn what_is_broken_is_told_with_its_place() {
        for (text, named) in [
            ("console a { baud 9600 }", "a keyword, its value and ;"),
            ("console a", "a block such as"),
            ("console a { device \"x; }", "never closed"),
            ("}", "a block such as"),
            ("console a { x \\", "behind this backslash"),
            ("console a {\n#include b\n}", "within a block"),
            ("console a { { }", "a keyword"),
        ] {
            let (_, broken) = read(text, 0);
            let (_, why) = broken.expect(text);
            assert!(why.contains(named), "{text}: {why}");
        }
    }

    proptest! {
        #[test]
        fn no_text_is_too_odd(text in "[a-c{};#\"\\\\ \n\u{e9}]{0,120}") {
            let (blocks, broken) = read(&text, 0);
            for block in &blocks {
                prop_assert!(text.get(block.kind.span.clone()).is_some());
                for (keyword, value) in &block.items {
                    prop_assert!(text.get(keyword.span.clone()).is_some() && text.get(value.span.clone()).is_some());
                }
            }
            prop_assert!(broken.is_none_or(|(span, _)| span.end <= text.len()));
        }
    }
}
