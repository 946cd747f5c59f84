-- Breadth first, level by level, with a set of what was seen: a recursive CTE with CYCLE enumerates paths, which are exponentially
-- many where branches join again. Within a level the smaller ids come first, so that a cut answer is the same every time.
-- Returns the nodes in the order of (depth, id); truncated is true where a limit left out something that could be reached.
CREATE FUNCTION lineage_walk(
  starts bigint[],
  upstream boolean,
  max_depth integer,
  max_nodes integer,
  below bigint,
  OUT ids bigint[],
  OUT depths integer[],
  OUT truncated boolean
) LANGUAGE plpgsql STABLE AS $$
DECLARE
  frontier bigint[];
  depth integer := 0;
  room integer;
BEGIN
  SELECT coalesce(array_agg(id ORDER BY id), '{}') INTO frontier
    FROM record WHERE id = ANY (starts) AND id < below;
  truncated := cardinality(frontier) > max_nodes;
  frontier := frontier[1:max_nodes];
  ids := frontier;
  depths := array_fill(0, ARRAY[cardinality(frontier)]);
  WHILE cardinality(frontier) > 0 AND NOT truncated LOOP
    room := max_nodes - cardinality(ids);
    -- At the depth limit one more neighbour is looked for, only to know whether there is one.
    IF depth >= max_depth THEN room := 0; END IF;
    -- A hub's neighbours are read in order and only as many as can still be taken.
    IF upstream THEN
      SELECT coalesce(array_agg(n.id ORDER BY n.id), '{}') INTO frontier FROM (
        SELECT DISTINCT e.id FROM unnest(frontier) AS f (id) CROSS JOIN LATERAL (
          SELECT edge.parent AS id FROM edge
          WHERE edge.child = f.id AND edge.parent NOT IN (SELECT unnest(ids))
          ORDER BY edge.parent LIMIT room + 1) AS e
        ORDER BY e.id LIMIT room + 1) AS n;
    ELSE
      SELECT coalesce(array_agg(n.id ORDER BY n.id), '{}') INTO frontier FROM (
        SELECT DISTINCT e.id FROM unnest(frontier) AS f (id) CROSS JOIN LATERAL (
          SELECT edge.child AS id FROM edge
          WHERE edge.parent = f.id AND edge.child < below AND edge.child NOT IN (SELECT unnest(ids))
          ORDER BY edge.child LIMIT room + 1) AS e
        ORDER BY e.id LIMIT room + 1) AS n;
    END IF;
    IF cardinality(frontier) > room THEN
      truncated := true;
      frontier := frontier[1:room];
    END IF;
    depth := depth + 1;
    ids := ids || frontier;
    depths := depths || array_fill(depth, ARRAY[cardinality(frontier)]);
  END LOOP;
END $$;
