"""What an attacker can work out about hidden cells from everything released at once.

The attacker knows the rules, the recodings, the number of respondents exactly, which
cells are hidden, and every released number up to its rounding. A hidden cell is to them
any count from 0 up: hidden cells look alike whether small, next to a small one, or in a
dominated row, so "below the minimum" is not something they can know of any one of them.
(Where they could, no pattern would protect: the interval would always be narrower than
the minimum.) Not modelled: an attacker who argues from why the pattern was chosen, as that
a whole row is hidden because one cell dominates it, or who is one of the respondents and
subtracts themselves.

All tables describe the same respondents, so they are margins of one joint table. That
table may be huge, but it need not be built: tables that agree on what they share come
from some joint table exactly when they extend to the cliques of a triangulated graph of
their variables (Vorob'ev 1962; Lauritzen 1996); whole counts to whole counts, since the
graph is decomposable. The programme has the cells of those cliques as unknowns.

People are whole. The linear relaxation finds most patterns quickly and can be too wide in
tables of three and more variables, so the last word has the programme in integers.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import prod
from typing import Any

import numpy as np
from scipy import sparse
from scipy.optimize import Bounds, LinearConstraint, linprog, milp

from exile.errors import InputError

LARGEST = 50_000  # cells of the cliques of one component
REMEMBERED = 2_000_000  # numbers in the points kept from earlier patterns
SLACK = 1e-4  # far above the solvers' tolerance, far below a person
Coarser = Mapping[str, tuple[str, Mapping[Any, Any]]]


@dataclass(frozen=True)
class Layout:
    """Variables of a table and the levels of each; cells run over their cross product."""

    variables: tuple[str, ...]
    levels: tuple[tuple, ...]

    @property
    def shape(self) -> tuple[int, ...]:
        return tuple(len(levels) for levels in self.levels)


@dataclass(frozen=True)
class Published:
    """What one table tells the attacker.

    ``low`` and ``high`` are bounds of each cell's count: 0 and infinity where suppressed.
    """

    low: np.ndarray
    high: np.ndarray


def components(layouts: Mapping[str, Layout], coarser: Coarser) -> list[list[str]]:
    """Names of the tables that share variables, directly or through others."""
    groups: list[tuple[set[str], list[str]]] = []
    for name, layout in layouts.items():
        bases, members = {_base(v, coarser) for v in layout.variables}, [name]
        rest = []
        for other in groups:
            if other[0] & bases:
                bases, members = bases | other[0], other[1] + members
            else:
                rest.append(other)
        groups = [*rest, (bases, members)]
    return [members for _, members in groups]


class Programme:
    """The linear programme of one component; its structure serves every pattern tried.

    Unknowns are the cells of the cliques, then the cells of the tables. Equations say that
    neighbouring cliques agree, that cells add up to ``total``, and that tables are margins.
    """

    def __init__(self, layouts: Mapping[str, Layout], total: int, coarser: Coarser):
        self.layouts, self.total = layouts, total
        levels = _base_levels(layouts, coarser)
        scopes = [tuple(_base(v, coarser) for v in x.variables) for x in layouts.values()]
        cliques = _cliques(scopes, {v: len(x) for v, x in levels.items()})
        shapes = [tuple(len(levels[v]) for v in clique) for clique in cliques]
        cells = [prod(shape) for shape in shapes]
        if sum(cells) > LARGEST:
            raise InputError(
                ", ".join(layouts),
                f"these tables are linked into {sum(cells)} cells, too many to audit",
                "Drop one of them, or split off a variable that links them.",
            )
        widths = cells + [prod(x.shape) for x in layouts.values()]
        starts = np.concatenate([[0], np.cumsum(widths)])
        self.unknowns = int(starts[-1])
        self.start = dict(zip(layouts, starts[len(cliques) :], strict=False))
        # Tables follow from the cliques, and are whole when these are.
        self.are_people = (np.arange(self.unknowns) < starts[len(cliques)]).astype(int)

        def row(blocks: Mapping[int, sparse.spmatrix]) -> sparse.spmatrix:
            height = next(iter(blocks.values())).shape[0]
            return sparse.hstack(
                [blocks.get(i, sparse.csr_array((height, w))) for i, w in enumerate(widths)],
                format="csr",
            )

        def margin(clique: int, onto: Sequence[tuple[str, np.ndarray, int]]) -> sparse.csr_array:
            codes = np.indices(shapes[clique]).reshape(len(shapes[clique]), -1)
            rows = np.zeros(cells[clique], dtype=int)
            for variable, recoded, size in onto:
                rows = rows * size + recoded[codes[cliques[clique].index(variable)]]
            height = prod(size for *_, size in onto)
            place = (rows, np.arange(cells[clique]))
            return sparse.csr_array((np.ones(cells[clique]), place), shape=(height, cells[clique]))

        equations, right = [row({0: margin(0, [])})], [np.array([float(total)])]
        for child, parent in _tree(cliques):
            shared = [
                (v, np.arange(len(levels[v])), len(levels[v]))
                for v in cliques[child]
                if v in cliques[parent]
            ]
            equations.append(row({child: margin(child, shared), parent: -margin(parent, shared)}))
            right.append(np.zeros(equations[-1].shape[0]))
        for position, (scope, layout) in enumerate(zip(scopes, layouts.values(), strict=True)):
            clique = next(i for i, held in enumerate(cliques) if set(scope) <= set(held))
            onto = [
                (base, _recoded(variable, own, levels[base], coarser), len(own))
                for base, variable, own in zip(scope, layout.variables, layout.levels, strict=True)
            ]
            own = sparse.eye_array(prod(layout.shape), format="csr")
            equations.append(row({clique: margin(clique, onto), len(cliques) + position: -own}))
            right.append(np.zeros(own.shape[0]))
        self.equations = sparse.vstack(equations, format="csr")
        self.right = np.concatenate(right)

    def start_from(self, exact: Mapping[str, Published]) -> None:
        """Find the unknowns behind the exact tables, from which `unprotected` looks around.

        Raises
        ------
        InputError
            Where the tables contradict each other.
        """
        self.truth = self._solve(np.zeros((1, self.unknowns)), self._constraints(exact))[0]
        self.points = deque([self.truth], maxlen=max(2, REMEMBERED // self.unknowns))

    def unprotected(
        self,
        published: Mapping[str, Published],
        targets: Mapping[str, np.ndarray],
        width: int,
        maximum: int,
        *,
        whole: bool = False,
    ) -> Iterator[tuple[str, tuple[int, ...], int]]:
        """(table, cell, interval width) of target cells with too narrow or low an interval.

        Two attainable counts far enough apart prove a cell safe without its interval, and
        points met earlier often provide them, once drawn towards the truth as far as the
        numbers published since require. What they do not settle is solved.

        Parameters
        ----------
        whole : bool
            Whether the attacker knows that people are whole: slower and exact.
        """
        known = self._constraints(published)
        wanted = self._wanted(targets)
        places = np.array([place for *_, place in wanted], dtype=int)
        met = np.round(self.truth)[None] if whole else self._drawn_in(known)
        low, high = met[:, places].min(axis=0), met[:, places].max(axis=0)

        def doubtful() -> np.ndarray:
            most = np.floor(high + SLACK)
            return np.flatnonzero((most - np.ceil(low - SLACK) < width) | (most < maximum))

        def note(points: np.ndarray) -> None:
            nonlocal low, high
            if not whole:
                self.points.extend(points)
            low = np.minimum(low, points[:, places].min(axis=0))
            high = np.maximum(high, points[:, places].max(axis=0))

        # Opposite corners in an arbitrary direction settle many cells at once.
        signs, left = np.random.default_rng(0), doubtful()
        while len(left) > 3:
            cost = np.zeros((1, self.unknowns))
            cost[0, places[left]] = signs.choice([-1.0, 1.0], len(left))
            note(self._solve(np.vstack([cost, -cost]), known, whole))
            before, left = len(left), doubtful()
            if before - len(left) < 2:
                break
        for i, (name, cell, place) in enumerate(wanted):
            if i in doubtful():
                smallest, largest, points = self._extremes(place, known, whole)
                note(points)
                if largest - smallest < width or largest < maximum:
                    yield name, cell, largest - smallest

    def _wanted(self, targets: Mapping[str, np.ndarray]) -> list[tuple[str, tuple[int, ...], int]]:
        """(table, cell, place among the unknowns) of each target."""
        return [
            (name, tuple(map(int, cell)), self.start[name] + place)
            for name, cells in targets.items()
            for cell, place in zip(np.argwhere(cells), np.flatnonzero(cells), strict=True)
        ]

    def _constraints(self, published: Mapping[str, Published]) -> Published:
        low, high = np.zeros(self.unknowns), np.full(self.unknowns, float(self.total))
        for name, table in published.items():
            here = slice(self.start[name], self.start[name] + table.low.size)
            low[here] = table.low.ravel()
            high[here] = np.minimum(table.high.ravel(), self.total)
        if (low > high).any():
            raise self._contradiction()
        return Published(low, high)

    def _drawn_in(self, known: Published) -> np.ndarray:
        """Known points moved on the line to the true one until they satisfy everything."""
        steps = np.array(self.points) - self.truth
        # Room is never negative but for the solver's tolerance: the truth is always feasible.
        room = np.where(steps > 0, known.high - self.truth, self.truth - known.low)
        moved = np.abs(steps)
        ratio = np.divide(np.maximum(room, 0), moved, out=np.ones_like(moved), where=moved > 1e-9)
        reach = np.minimum(1.0, ratio.min(axis=1))
        return self.truth + reach[:, None] * steps

    def _extremes(
        self, place: int, known: Published, whole: bool = False
    ) -> tuple[int, int, np.ndarray]:
        """Least and most of an unknown in whole respondents, and where these are attained."""
        cost = np.zeros((2, self.unknowns))
        cost[:, place] = 1.0, -1.0
        points = self._solve(cost, known, whole)
        low, high = points[:, place]
        return int(np.ceil(low - SLACK)), int(np.floor(high + SLACK)), points

    def _solve(self, cost: np.ndarray, known: Published, whole: bool = False) -> np.ndarray:
        """The points that minimise each row of ``cost``."""
        if whole:
            return np.array([self._solve_whole(row, known) for row in cost])
        count = len(cost)
        solution = linprog(
            cost.ravel(),
            A_eq=sparse.kron(sparse.eye_array(count, format="csr"), self.equations, format="csr"),
            b_eq=np.tile(self.right, count),
            bounds=np.column_stack([np.tile(known.low, count), np.tile(known.high, count)]),
            method="highs",
        )
        return self._solved(solution).reshape(count, self.unknowns)

    def _solve_whole(self, cost: np.ndarray, known: Published) -> np.ndarray:
        solution = milp(
            cost,
            integrality=self.are_people,
            bounds=Bounds(known.low, known.high),
            constraints=LinearConstraint(self.equations, self.right, self.right),
        )
        return np.round(self._solved(solution))

    def _solved(self, solution: Any) -> np.ndarray:
        if solution.status == 2:
            raise self._contradiction()
        if solution.status != 0:
            raise RuntimeError(f"the audit was not solved: {solution.message}")
        return solution.x

    def _contradiction(self) -> InputError:
        return InputError(
            ", ".join(self.layouts),
            "no set of respondents gives all these tables",
            "Make every table from the same respondents, with the same categories.",
        )


def _base(variable: str, coarser: Coarser) -> str:
    return coarser[variable][0] if variable in coarser else variable


def _base_levels(layouts: Mapping[str, Layout], coarser: Coarser) -> dict[str, tuple]:
    """Levels of the finest form of each variable."""
    levels: dict[str, dict] = {}
    for layout in layouts.values():
        for variable, own in zip(layout.variables, layout.levels, strict=True):
            finer = coarser[variable][1] if variable in coarser else own
            levels.setdefault(_base(variable, coarser), {}).update(dict.fromkeys(finer))
    return {variable: tuple(own) for variable, own in levels.items()}


def _recoded(variable: str, own: tuple, finest: tuple, coarser: Coarser) -> np.ndarray:
    """Position among a table's own levels of each level of the finest form."""
    position = {level: i for i, level in enumerate(own)}
    recoding = coarser[variable][1] if variable in coarser else {level: level for level in finest}
    try:
        return np.array([position[recoding[level]] for level in finest])
    except KeyError as missing:
        raise InputError(
            variable, f"no place for level {missing}", "Recode every level, to levels of the table."
        ) from None


def _cliques(scopes: Sequence[tuple[str, ...]], sizes: Mapping[str, int]) -> list[tuple[str, ...]]:
    """Maximal cliques after elimination, the variable with the smallest clique first."""
    near = {v: {u for s in scopes if v in s for u in s} - {v} for s in scopes for v in s}
    cliques: list[frozenset[str]] = []
    while near:
        variable = min(near, key=lambda v: (prod(sizes[u] for u in {v} | near[v]), v))
        around = near.pop(variable)
        for other in around:
            near[other] = (near[other] | around) - {other, variable}
        clique = frozenset(around | {variable})
        if not any(clique <= known for known in cliques):
            cliques.append(clique)
    return [tuple(sorted(clique)) for clique in cliques]


def _tree(cliques: Sequence[tuple[str, ...]]) -> list[tuple[int, int]]:
    """Edges (child, parent) of a junction tree: a spanning tree of largest overlaps.

    Source: Jensen and Jensen (1994).
    """
    edges, joined, rest = [], [0], set(range(1, len(cliques)))
    while rest:
        child, parent = max(
            ((c, p) for c in sorted(rest) for p in joined),
            key=lambda edge: len(set(cliques[edge[0]]) & set(cliques[edge[1]])),
        )
        edges.append((child, parent))
        joined.append(child)
        rest.remove(child)
    return edges
