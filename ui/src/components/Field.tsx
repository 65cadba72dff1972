import { clsx } from "clsx";
import { type ComponentProps, type ReactNode, useId } from "react";

const CONTROL = clsx(
  "w-full rounded-md border border-line-strong bg-bg px-2 text-sm text-fg",
  "aria-invalid:border-bad disabled:opacity-60 pointer-coarse:text-base",
);

interface Told {
  label: string;
  /** What to write, below the control. */
  hint?: ReactNode;
  /** What is wrong with what was written. */
  error?: string | null | undefined;
  /** The label is for screen readers only, where the place says it already. */
  hideLabel?: boolean;
}

interface FieldProps extends Told {
  children: (attributes: {
    id: string;
    "aria-describedby": string | undefined;
    "aria-invalid": boolean | undefined;
  }) => ReactNode;
}

/** A control with its label, hint and error, tied together for screen readers. */
export function Field({ label, hint, error, hideLabel, children }: FieldProps) {
  const id = useId();
  const described = [hint ? `${id}-hint` : "", error ? `${id}-error` : ""].filter(Boolean).join(" ");
  return (
    <div className="flex flex-col gap-1">
      <label htmlFor={id} className={hideLabel ? "sr-only" : "font-medium"}>
        {label}
      </label>
      {children({ id, "aria-describedby": described || undefined, "aria-invalid": error ? true : undefined })}
      {hint && (
        <div id={`${id}-hint`} className="text-xs text-muted">
          {hint}
        </div>
      )}
      {error && (
        <div id={`${id}-error`} role="alert" className="text-xs text-bad">
          {error}
        </div>
      )}
    </div>
  );
}

type InputProps = Told & Omit<ComponentProps<"input">, "id">;

export function TextField({ label, hint, error, hideLabel, className, ...rest }: InputProps) {
  return (
    <Field label={label} hint={hint} error={error} hideLabel={hideLabel}>
      {(attributes) => (
        <input
          type="text"
          autoComplete="off"
          {...rest}
          {...attributes}
          className={clsx(CONTROL, "h-8 pointer-coarse:h-10", className)}
        />
      )}
    </Field>
  );
}

type TextAreaProps = Told & Omit<ComponentProps<"textarea">, "id">;

export function TextArea({ label, hint, error, hideLabel, className, ...rest }: TextAreaProps) {
  return (
    <Field label={label} hint={hint} error={error} hideLabel={hideLabel}>
      {(attributes) => (
        <textarea rows={3} {...rest} {...attributes} className={clsx(CONTROL, "py-1.5", className)} />
      )}
    </Field>
  );
}

type SelectProps = Told &
  Omit<ComponentProps<"select">, "id" | "onChange"> & {
    options: SelectOption[];
    onChange: (value: string) => void;
  };

export interface SelectOption {
  value: string;
  label: string;
  disabled?: boolean;
  /** Under which heading it stands; those of one heading stand together. */
  group?: string;
}

/** The browser's own select: right on phones, and from the keyboard. */
export function Select({
  label,
  hint,
  error,
  hideLabel,
  options,
  onChange,
  className,
  ...rest
}: SelectProps) {
  return (
    <Field label={label} hint={hint} error={error} hideLabel={hideLabel}>
      {(attributes) => (
        <select
          {...rest}
          {...attributes}
          onChange={(event) => onChange(event.target.value)}
          className={clsx(CONTROL, "h-8 pointer-coarse:h-10", className)}
        >
          {[...new Set(options.map((option) => option.group))].map((group) => {
            const drawn = options.filter((option) => option.group === group).map(drawOption);
            return group === undefined ? (
              drawn
            ) : (
              <optgroup key={`group ${group}`} label={group}>
                {drawn}
              </optgroup>
            );
          })}
        </select>
      )}
    </Field>
  );
}

function drawOption({ value, label, disabled }: SelectOption) {
  return (
    <option key={value} value={value} disabled={disabled}>
      {label}
    </option>
  );
}

interface CheckboxProps {
  label: ReactNode;
  hint?: ReactNode;
  checked: boolean;
  onChange: (checked: boolean) => void;
  disabled?: boolean;
  /** Drawn as a switch: takes effect at once. */
  asSwitch?: boolean;
}

export function Checkbox({ label, hint, checked, onChange, disabled, asSwitch }: CheckboxProps) {
  const id = useId();
  return (
    <div className="flex items-start gap-2">
      <input
        id={id}
        type="checkbox"
        role={asSwitch ? "switch" : undefined}
        checked={checked}
        disabled={disabled}
        aria-describedby={hint ? `${id}-hint` : undefined}
        onChange={(event) => onChange(event.target.checked)}
        className="mt-0.5 size-4 accent-accent-solid"
      />
      <div>
        <label htmlFor={id}>{label}</label>
        {hint && (
          <div id={`${id}-hint`} className="text-xs text-muted">
            {hint}
          </div>
        )}
      </div>
    </div>
  );
}
