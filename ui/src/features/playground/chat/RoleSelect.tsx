import type { Role } from "../state/types";

const NAMES: Readonly<Record<Role, string>> = {
  system: "System",
  user: "User",
  assistant: "Assistant",
  tool: "Tool",
};

export function roleName(role: Role): string {
  return NAMES[role];
}

interface RoleSelectProps {
  label: string;
  roles: readonly Role[];
  value: Role;
  onChange: (role: Role) => void;
}

/** Who says it. */
export function RoleSelect({ label, roles, value, onChange }: RoleSelectProps) {
  return (
    <select
      aria-label={label}
      value={value}
      onChange={(event) => {
        const role = roles.find((each) => each === event.target.value);
        if (role !== undefined) onChange(role);
      }}
      className="h-7 rounded-md bg-transparent px-1 text-xs font-medium text-muted hover:bg-hover pointer-coarse:h-9"
    >
      {roles.map((role) => (
        <option key={role} value={role}>
          {NAMES[role]}
        </option>
      ))}
    </select>
  );
}
