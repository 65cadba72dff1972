import { TextField } from "~/components/Field";

interface NewPasswordProps {
  label?: string;
  value: string;
  onChange: (value: string) => void;
  error?: string | null;
  /** Whose it is, for the browser's own list of passwords. */
  username?: string;
}

/** A password that somebody chooses. */
export function NewPassword({ label = "Password", value, onChange, error, username }: NewPasswordProps) {
  return (
    <>
      {username !== undefined && (
        <input type="text" name="username" autoComplete="username" value={username} readOnly hidden />
      )}
      <TextField
        label={label}
        name="new-password"
        type="password"
        autoComplete="new-password"
        required
        minLength={8}
        maxLength={256}
        hint="8 characters or more."
        value={value}
        onChange={(event) => onChange(event.target.value)}
        error={error}
      />
    </>
  );
}
