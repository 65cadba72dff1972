import { Download } from "lucide-react";
import { Button } from "~/components/Button";
import { Menu, MenuItem } from "~/components/Menu";
import { toast } from "~/components/Toasts";
import { copyText } from "~/lib/clipboard";
import type { BoardSort } from "./board";
import { toCsv, toJson, toMarkdown } from "./exports";
import type { Board } from "./queries";

/** The board as it is sorted, in a file or on the clipboard. */
export function ExportMenu({ board, sort }: { board: Board; sort: BoardSort }) {
  const name = board.name ?? "leaderboard";
  const copy = async () => {
    const done = await copyText(toMarkdown(board, sort));
    toast(done ? "Markdown table copied" : "The browser did not let it be copied", done ? "good" : "bad");
  };
  return (
    <Menu
      label="Export"
      button={
        <Button>
          <Download aria-hidden className="size-4" /> Export
        </Button>
      }
    >
      <MenuItem onSelect={() => save(`${name}.csv`, "text/csv", toCsv(board, sort))}>CSV</MenuItem>
      <MenuItem onSelect={() => save(`${name}.json`, "application/json", toJson(board, sort))}>JSON</MenuItem>
      <MenuItem onSelect={() => save(`${name}.md`, "text/markdown", toMarkdown(board, sort))}>
        Markdown
      </MenuItem>
      <MenuItem onSelect={() => void copy()}>Copy as a Markdown table</MenuItem>
    </Menu>
  );
}

function save(name: string, type: string, text: string): void {
  const url = URL.createObjectURL(new Blob([text], { type: `${type};charset=utf-8` }));
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 1000);
}
