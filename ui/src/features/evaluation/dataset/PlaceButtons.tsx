interface PlaceButtonsProps {
  names: string[];
  onPick: (place: string) => void;
}

const MAX_SHOWN = 24;

/** What a template may name; a click puts it in. */
export function PlaceButtons({ names, onPick }: PlaceButtonsProps) {
  return (
    <div className="flex flex-wrap items-center gap-1 text-xs">
      <span className="text-muted">Put in:</span>
      {names.slice(0, MAX_SHOWN).map((name) => (
        <button
          key={name}
          type="button"
          className="max-w-48 truncate rounded border border-line bg-raised px-1.5 py-0.5 font-mono hover:bg-hover pointer-coarse:py-1.5"
          onClick={() => onPick(`{{${name}}}`)}
        >
          {`{{${name}}}`}
        </button>
      ))}
    </div>
  );
}
