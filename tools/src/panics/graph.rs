//! What calls what, out of the relocations of object files.

use std::collections::{BTreeSet, HashMap, VecDeque};
use std::path::Path;

use object::read::archive::ArchiveFile;
use object::{
    Object, ObjectSection, ObjectSymbol, RelocationTarget, SectionFlags, SectionIndex, elf,
};
use rustc_demangle::demangle;

/// A section of an object, or a symbol that no object defines.
pub(super) struct Node {
    /// The functions in it, as they are written in Rust; of data, its symbols.
    pub(super) names: Vec<String>,
    /// The library that it is in; none, if the symbol is not defined.
    pub(super) library: Option<String>,
    /// Whatever it calls or takes the address of.
    pub(super) edges: BTreeSet<usize>,
    /// Its symbols that are functions.
    pub(super) functions: Vec<String>,
}

impl Node {
    pub(super) fn name(&self) -> &str {
        self.names.first().map_or("data", String::as_str)
    }
}

/// Every section of every object of some libraries, each compiled so that a function has a section of its own.
#[derive(Default)]
pub(super) struct Graph {
    pub(super) nodes: Vec<Node>,
    globals: HashMap<Vec<u8>, Vec<usize>>,
    undefined: HashMap<Vec<u8>, usize>,
}

impl Graph {
    pub(super) fn of(libraries: &[impl AsRef<Path>]) -> Self {
        let mut graph = Self::default();
        let files: Vec<_> = libraries
            .iter()
            .map(|path| {
                let path = path.as_ref();
                let name = path.file_stem().expect("a library's name").to_string_lossy();
                (name.into_owned(), std::fs::read(path).expect("a library"))
            })
            .collect();
        let mut objects = Vec::new();
        for (library, bytes) in &files {
            let archive = ArchiveFile::parse(bytes.as_slice()).expect("an archive");
            for member in archive.members() {
                let member = member.expect("a member");
                if !member.name().ends_with(b".o") {
                    continue;
                }
                let bytes = member.data(bytes.as_slice()).expect("its bytes");
                let object = object::File::parse(bytes).expect("an object");
                let places = graph.add_sections(library, &object);
                objects.push((object, places));
            }
        }
        for (object, places) in &objects {
            graph.add_edges(object, places);
        }
        graph
    }

    fn add_sections(
        &mut self,
        library: &str,
        object: &object::File<'_>,
    ) -> HashMap<SectionIndex, usize> {
        let mut places = HashMap::new();
        for section in object.sections() {
            let SectionFlags::Elf { sh_flags } = section.flags() else { panic!("not ELF") };
            let name = section.name().expect("a section's name");
            // Tables for unwinding call nothing before a panic has begun.
            let is_unwinding =
                [".eh_frame", ".gcc_except_table"].iter().any(|x| name.starts_with(x));
            if sh_flags & u64::from(elf::SHF_ALLOC) != 0 && !is_unwinding {
                places.insert(section.index(), self.nodes.len());
                let library = Some(library.to_owned());
                let (names, edges, functions) = Default::default();
                self.nodes.push(Node { names, library, edges, functions });
            }
        }
        for symbol in object.symbols() {
            let Some(&node) = symbol.section_index().and_then(|section| places.get(&section))
            else {
                continue;
            };
            let name = symbol.name_bytes().expect("a symbol's name");
            if name.is_empty() || symbol.kind() == object::SymbolKind::Section {
                continue;
            }
            self.nodes[node].names.push(readable(name));
            if symbol.kind() == object::SymbolKind::Text {
                self.nodes[node].functions.push(readable(name));
            }
            if !symbol.is_local() {
                self.globals.entry(name.to_owned()).or_default().push(node);
            }
        }
        places
    }

    fn add_edges(&mut self, object: &object::File<'_>, places: &HashMap<SectionIndex, usize>) {
        for section in object.sections() {
            let Some(&from) = places.get(&section.index()) else { continue };
            for (_, relocation) in section.relocations() {
                let to: Vec<usize> = match relocation.target() {
                    RelocationTarget::Symbol(index) => {
                        let symbol = object.symbol_by_index(index).expect("a symbol");
                        match symbol.section_index() {
                            Some(section) => places.get(&section).copied().into_iter().collect(),
                            None => self.named(symbol.name_bytes().expect("a symbol's name")),
                        }
                    }
                    other => panic!("a relocation to {other:?}"),
                };
                self.nodes[from].edges.extend(to);
            }
        }
    }

    fn named(&mut self, name: &[u8]) -> Vec<usize> {
        if let Some(nodes) = self.globals.get(name) {
            return nodes.clone();
        }
        let next = self.nodes.len();
        let node = *self.undefined.entry(name.to_owned()).or_insert(next);
        if node == next {
            let (names, edges, functions) = (vec![readable(name)], BTreeSet::new(), Vec::new());
            self.nodes.push(Node { names, library: None, edges, functions });
        }
        vec![node]
    }

    /// All that can be reached from `start`, which is in it too; nothing is followed out of `leaves`.
    pub(super) fn reachable(
        &self,
        start: impl IntoIterator<Item = usize>,
        leaves: &BTreeSet<usize>,
    ) -> BTreeSet<usize> {
        let mut seen = BTreeSet::new();
        let mut queue: VecDeque<usize> = start.into_iter().collect();
        while let Some(node) = queue.pop_front() {
            if seen.insert(node) && !leaves.contains(&node) {
                queue.extend(&self.nodes[node].edges);
            }
        }
        seen
    }

    /// For each node from which one of `sinks` is reached, the next one on the shortest way there.
    pub(super) fn towards(
        &self,
        sinks: impl IntoIterator<Item = usize>,
        leaves: &BTreeSet<usize>,
    ) -> HashMap<usize, usize> {
        let mut callers = vec![Vec::new(); self.nodes.len()];
        for (from, node) in self.nodes.iter().enumerate() {
            if !leaves.contains(&from) {
                node.edges.iter().for_each(|&to| callers[to].push(from));
            }
        }
        let mut next = HashMap::new();
        let mut queue = VecDeque::new();
        for sink in sinks {
            next.insert(sink, sink);
            queue.push_back(sink);
        }
        while let Some(node) = queue.pop_front() {
            for &caller in &callers[node] {
                next.entry(caller).or_insert_with(|| {
                    queue.push_back(caller);
                    node
                });
            }
        }
        next
    }
}

fn readable(symbol: &[u8]) -> String {
    format!("{:#}", demangle(&String::from_utf8_lossy(symbol)))
}
