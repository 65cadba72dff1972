const NAME = /^[A-Za-z0-9][A-Za-z0-9_.-]{0,127}$/;

/** What is wrong with a name for a team, a project or a user; null if nothing is. */
export function nameProblem(name: string): string | null {
  if (name === "" || NAME.test(name)) return null;
  return "Use letters, digits, dots, hyphens and underscores, and begin with a letter or a digit.";
}
