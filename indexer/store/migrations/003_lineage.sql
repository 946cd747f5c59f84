-- Breadth first, level by level, with a set of what was seen: a recursive CTE with CYCLE enumerates paths, which are exponentially
-- many where branches join again. Within a level the smaller ids come first, so that a cut answer is the same every time.
-- Returns the nodes in the order of (depth, id), and how many there are of each depth, from 0; truncated is true where a limit left
-- out something that could be reached. The settings keep a server's own ones from any way but look-ups in the covering indexes.
CREATE FUNCTION lineage_walk(
  starts bigint[],
  upstream boolean,
  max_depth integer,
  max_nodes integer,
  below bigint,
  OUT ids bigint[],
  OUT levels integer[],
  OUT truncated boolean
) LANGUAGE plpgsql STABLE SET jit = off SET enable_seqscan = off SET enable_bitmapscan = off AS $$
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
  levels := ARRAY[cardinality(frontier)];
  WHILE cardinality(frontier) > 0 AND NOT truncated LOOP
    room := max_nodes - cardinality(ids);
    -- At the depth limit one more neighbour is looked for, only to know whether there is one.
    IF depth >= max_depth THEN room := 0; END IF;
    IF upstream THEN
      -- A record has few parents: all of a level's are read in one pass over the index. OFFSET 0 keeps the planner from reading the
      -- whole table in the order of the parents.
      SELECT coalesce(array_agg(n.id ORDER BY n.id), '{}') INTO frontier FROM (
        SELECT DISTINCT e.id FROM (SELECT parent AS id FROM edge WHERE child = ANY (frontier) OFFSET 0) AS e
        WHERE e.id NOT IN (SELECT unnest(ids)) ORDER BY e.id LIMIT room + 1) AS n;
    ELSE
      -- But any number of children: a hub's are read in order, and only as many as can still be taken.
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
    levels := levels || cardinality(frontier);
  END LOOP;
END $$;

-- The edges among nodes, by (child, parent). They are looked up by child whatever the direction was: a record has few parents, but
-- may have any number of children.
CREATE FUNCTION lineage_edges(
  ids bigint[],
  OUT children bigint[],
  OUT parents bigint[],
  OUT kinds integer[]
) LANGUAGE plpgsql STABLE SET jit = off SET enable_seqscan = off SET enable_bitmapscan = off AS $$
BEGIN
  SELECT coalesce(array_agg(e.child), '{}'), coalesce(array_agg(e.parent), '{}'), coalesce(array_agg(e.flags::integer), '{}')
    INTO children, parents, kinds FROM (
      SELECT edge.child, edge.parent, edge.flags FROM edge
      WHERE edge.child = ANY (ids) AND (edge.parent IN (SELECT unnest(ids))) IS TRUE
      ORDER BY edge.child, edge.parent) AS e;
END $$;
