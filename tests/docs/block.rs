//! The fenced blocks of a page.

use std::path::Path;

/// A fenced block.
#[derive(Debug)]
pub(crate) struct Block {
    /// The line of the page at which the block begins.
    pub(crate) line: usize,
    pub(crate) language: String,
    pub(crate) text: String,
}

/// All fenced blocks of a page.
pub(crate) fn read(page: &Path, text: &str) -> Vec<Block> {
    let mut blocks = Vec::new();
    let mut open: Option<(usize, &str, Block)> = None;
    for (number, line) in (1..).zip(text.lines()) {
        let bare = line.trim_start();
        match &mut open {
            None => {
                let ticks = bare.bytes().take_while(|byte| *byte == b'`').count();
                if ticks >= 3 {
                    let block = Block {
                        line: number + 1,
                        language: bare[ticks..].trim().to_owned(),
                        text: String::new(),
                    };
                    open = Some((line.len() - bare.len(), &bare[..ticks], block));
                }
            }
            Some((_, fence, _)) if bare.trim_end() == *fence => {
                blocks.extend(open.take().map(|(_, _, block)| block));
            }
            Some((indent, _, block)) => {
                block.text.push_str(line.get(*indent..).unwrap_or(""));
                block.text.push('\n');
            }
        }
    }
    assert!(open.is_none(), "{}: a block is not closed", page.display());
    blocks
}

impl Block {
    /// The commands of a console block: lines behind `$ `, continued by a backslash.
    pub(crate) fn commands(&self) -> Vec<String> {
        let mut commands = Vec::new();
        let mut lines = self.text.lines();
        while let Some(line) = lines.next() {
            let Some(first) = line.strip_prefix("$ ") else { continue };
            let mut command = first.to_owned();
            while command.ends_with('\\') {
                command.pop();
                command.push_str(lines.next().unwrap_or("").trim_start());
            }
            commands.push(command);
        }
        commands
    }

    /// The path that a comment in the first line gives to the file that the block shows.
    pub(crate) fn file(&self) -> Option<&str> {
        let name = self.text.lines().next()?.strip_prefix("# ")?.trim();
        Path::new(name).extension().is_some_and(|extension| extension == "yaml").then_some(name)
    }
}
