import { Badge } from "~/components/Badge";

/** Aliases and tags of a version, aliases first. */
export function Words({ aliases, tags }: { aliases: string[]; tags: string[] }) {
  return (
    <span className="inline-flex gap-1">
      {aliases.map((alias) => (
        <Badge key={`alias-${alias}`} tone="accent" title={`Alias ${alias}`}>
          @{alias}
        </Badge>
      ))}
      {tags.map((tag) => (
        <Badge key={`tag-${tag}`} title={`Tag ${tag}`}>
          {tag}
        </Badge>
      ))}
    </span>
  );
}
