import { Link, type LinkProps } from "@tanstack/react-router";

interface TabLinksProps {
  label: string;
  tabs: { label: string; to: LinkProps["to"]; params?: unknown; search?: unknown; exact?: boolean }[];
}

/** Pages beside each other: links, so that each has an address. */
export function TabLinks({ label, tabs }: TabLinksProps) {
  return (
    <nav aria-label={label} className="-mb-px flex gap-4 overflow-x-auto border-b border-line">
      {tabs.map((tab) => (
        <Link
          key={tab.label}
          to={tab.to}
          params={tab.params as never}
          search={tab.search as never}
          activeOptions={{ exact: tab.exact ?? false, includeSearch: false }}
          className="border-b-2 py-2 whitespace-nowrap hover:text-fg"
          activeProps={{ className: "border-accent font-medium text-fg", "aria-current": "page" }}
          inactiveProps={{ className: "border-transparent text-muted" }}
        >
          {tab.label}
        </Link>
      ))}
    </nav>
  );
}

interface SegmentedProps<Value extends string> {
  label: string;
  value: Value;
  options: { value: Value; label: string }[];
  onChange: (value: Value) => void;
}

/** One of a few, all in sight. */
export function Segmented<Value extends string>({ label, value, options, onChange }: SegmentedProps<Value>) {
  return (
    <fieldset
      aria-label={label}
      className="inline-flex w-max max-w-full flex-wrap rounded-md border border-line bg-panel p-0.5"
    >
      {options.map((option) => (
        <label
          key={option.value}
          className="relative flex h-6.5 cursor-pointer items-center rounded px-2.5 text-xs whitespace-nowrap text-muted has-checked:bg-raised has-checked:font-medium has-checked:text-fg has-checked:shadow-xs has-focus-visible:outline-2 has-focus-visible:outline-accent"
        >
          <input
            type="radio"
            className="sr-only"
            name={label}
            checked={option.value === value}
            onChange={() => onChange(option.value)}
          />
          {option.label}
        </label>
      ))}
    </fieldset>
  );
}
