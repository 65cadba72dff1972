import { Bookmark, Check } from "lucide-react";
import { useState } from "react";
import { Button } from "~/components/Button";
import { ConfirmDialog } from "~/components/Dialog";
import { Menu, MenuItem, MenuLabel, MenuSeparator } from "~/components/Menu";
import { LabelDialog } from "./LabelDialog";
import type { Views } from "./useViews";

/** Saved views: open one, keep what is shown as one, rename, delete, and choose with which the page opens. */
export function ViewsMenu({ views }: { views: Views }) {
  const [asking, setAsking] = useState<"save" | "rename" | "delete" | null>(null);
  const { current, isChanged, standard } = views;
  const close = () => setAsking(null);
  return (
    <>
      <Menu
        label="Saved views"
        button={
          <Button small>
            <Bookmark aria-hidden className="size-3.5" />
            <span className="max-w-40 truncate">{current?.label ?? "Views"}</span>
            {isChanged && <span className="text-muted">changed</span>}
          </Button>
        }
      >
        <MenuItem onSelect={() => views.open(null)}>
          <Mark on={current === null} /> All traces
        </MenuItem>
        {views.all.length > 0 && <MenuLabel>Saved views</MenuLabel>}
        {views.all.map((one) => (
          <MenuItem key={one.name} onSelect={() => views.open(one)}>
            <Mark on={one.name === current?.name} />
            <span className="max-w-64 truncate">{one.label}</span>
            {one.name === standard && <span className="ml-auto pl-3 text-xs text-muted">default</span>}
          </MenuItem>
        ))}
        <MenuSeparator />
        {current && (
          <MenuItem
            disabled={!isChanged}
            onSelect={() => void views.save(current.label, false).catch(ignore)}
          >
            Save changes
          </MenuItem>
        )}
        <MenuItem onSelect={() => setAsking("save")}>
          {current ? "Save as a new view" : "Save as a view"}
        </MenuItem>
        {current && (
          <>
            <MenuItem onSelect={() => setAsking("rename")}>Rename</MenuItem>
            <MenuItem onSelect={() => views.makeStandard(current.name === standard ? null : current.name)}>
              {current.name === standard ? "No longer the default" : "Make it my default"}
            </MenuItem>
            <MenuItem onSelect={() => setAsking("delete")}>Delete</MenuItem>
          </>
        )}
      </Menu>
      {(asking === "save" || asking === "rename") && (
        <LabelDialog
          title={asking === "save" ? "Save as a view" : "Rename the view"}
          hint="Everybody in the project sees it."
          label={asking === "rename" ? (current?.label ?? "") : ""}
          isBusy={views.isBusy}
          onClose={close}
          onDone={(label) =>
            void (asking === "save" ? views.save(label, true) : views.rename(label)).then(close).catch(ignore)
          }
        />
      )}
      <ConfirmDialog
        open={asking === "delete"}
        onClose={close}
        title={`Delete the view “${current?.label ?? ""}”?`}
        verb="Delete"
        busy={views.isBusy}
        onConfirm={() => void views.remove().then(close).catch(ignore)}
      >
        It goes for everybody in the project, with all of its versions. The calls stay.
      </ConfirmDialog>
    </>
  );
}

/** What went wrong has been told in the corner. */
function ignore(): void {}

function Mark({ on }: { on: boolean }) {
  return on ? <Check aria-label="Open" className="size-3.5" /> : <span className="size-3.5" />;
}
