//! measuring
fn main() {
    let mut args = std::env::args().skip(1);
    let path = args.next().unwrap();
    let scanner = leaksieve::Scanner::new();
    leaksieve::run::history::measure(&scanner, path.as_ref(), args.next().is_some());
}
