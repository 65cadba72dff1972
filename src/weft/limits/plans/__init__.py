"""Plans: what a team may use and pay, as data that ships, a file that an operator writes, or a change at run time."""
