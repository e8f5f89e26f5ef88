"""The compiled kernels that counting and scoring stand on: bucketing, looking cells up, expanding, summing, taking.

No other module uses what SciPy and pyarrow keep to themselves; each kernel has a slower form made of public functions.
Places are not checked: one beyond the array that it points into reads or writes memory of others.
"""

import sys
from collections.abc import Callable
from functools import cache, cached_property
from importlib import import_module
from importlib.machinery import PathFinder
from importlib.util import find_spec, module_from_spec
from types import ModuleType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lmkit.engine.arrays import CountArray, IndexArray
from lmkit.engine.arrow import to_arrow

LEAST_FOR_ARROW = 1 << 15  # values to take, from which on what calling Arrow costs is saved


def sparse_kernels() -> ModuleType | None:
    """SciPy's extension module of sparse kernels, from its file; None where that cannot be had without the package around it.

    The package would cost 0.2 s at every start, and its wrappers a third of the time; bare kernels let other threads run, too.
    """
    name = "scipy.sparse._sparsetools"
    known = name in sys.modules
    package = find_spec("scipy")
    folders = package.submodule_search_locations if package else None
    found = PathFinder.find_spec(name, [f"{folder}/sparse" for folder in folders or ()])
    if found is None or found.loader is None:
        return None
    try:
        module = module_from_spec(found)
        found.loader.exec_module(module)
    except ImportError:  # it needs what the package prepares
        return None
    if (
        not known
    ):  # an extension module may list itself: SciPy would find it, and not make it an attribute of its package
        sys.modules.pop(name, None)
    return module


_KERNELS = sparse_kernels()
coo_matvec = getattr(_KERNELS, "coo_matvec", None)
coo_todense = getattr(_KERNELS, "coo_todense", None)
coo_tocsr = getattr(_KERNELS, "coo_tocsr", None)
csr_column_index1 = getattr(_KERNELS, "csr_column_index1", None)
csr_matvec = getattr(_KERNELS, "csr_matvec", None)
csr_matvecs = getattr(_KERNELS, "csr_matvecs", None)
csr_sample_offsets = getattr(_KERNELS, "csr_sample_offsets", None)
expandptr = getattr(_KERNELS, "expandptr", None)


def bucket(
    rows: IndexArray, columns: IndexArray, positions: IndexArray, buckets: int
) -> tuple[IndexArray, IndexArray, IndexArray]:
    """Sort (column, position) pairs by row, stably: a counting sort.

    rows: (pairs,) below `buckets`, of the same dtype as columns. Returns where each bucket begins (buckets + 1,), and
    columns and positions in order.
    """
    if coo_tocsr is not None:
        bounds = np.empty(buckets + 1, rows.dtype)
        sorted_columns, sorted_positions = np.empty_like(columns), np.empty_like(positions)
        # The kernel does not look at the number of columns.
        coo_tocsr(buckets, 1, len(rows), rows, columns, positions, bounds, sorted_columns, sorted_positions)
        return bounds, sorted_columns, sorted_positions
    if not len(rows):  # SciPy chooses its own dtype then
        return np.zeros(buckets + 1, rows.dtype), columns, positions
    from scipy.sparse import coo_array

    coo = coo_array((positions, (rows, columns)), shape=(buckets, int(columns.max()) + 1))
    coo.has_canonical_format = True  # equal pairs must stay apart
    csr = coo.tocsr()
    return csr.indptr, csr.indices, csr.data


def add_to_table(
    table: NDArray[Any], rows: NDArray[np.int32], columns: NDArray[np.int32], values: NDArray[Any]
) -> None:
    """Add each value (cells,) of the dtype of the table (all rows, all columns) to the cell it belongs to, in place."""
    if coo_todense is not None:
        coo_todense(*table.shape, len(values), rows, columns, values, table.ravel(), 0)
    else:
        np.add.at(table, (rows, columns), values)


class CellIndex:
    """A CSR structure prepared for looking up the entry numbers of many cells."""

    def __init__(self, indptr: IndexArray, indices: IndexArray, columns: int) -> None:
        """indptr: (rows + 1,); indices: (entries,) ascending within a row, below `columns`, of the same dtype."""
        self._indptr, self._indices, self._columns = indptr, indices.astype(indptr.dtype, copy=False), columns

    def lookup(self, rows: IndexArray, columns: IndexArray) -> IndexArray:
        """(cells,) the entry number of each cell (row, column), -1 where nothing is stored."""
        dtype = self._indptr.dtype
        found: IndexArray = np.empty(len(rows), dtype)
        if len(rows) and csr_sample_offsets is not None:
            cells = rows.astype(dtype, copy=False), columns.astype(dtype, copy=False)
            # Told that there is one row, the kernel checks the order of its columns in that one, and not in all rows at
            # every call; the rows to look up it takes as they are.
            csr_sample_offsets(1, self._columns, self._indptr, self._indices, len(rows), *cells, found)
        elif len(rows):
            found[:] = np.asarray(self._numbers[rows, columns]).ravel()
            found -= 1
        return found

    def find(self, rows: IndexArray, columns: IndexArray) -> IndexArray:
        """The same as `lookup` for rows of which some may be -1: none, in which nothing is stored."""
        if not len(rows) or rows.min() >= 0:
            return self.lookup(rows, columns)
        there = np.flatnonzero(rows >= 0)
        found = np.full(len(rows), -1, self._indptr.dtype)
        found[there] = self.lookup(rows.take(there), columns.take(there))
        return found

    @cached_property
    def _numbers(self) -> Any:
        """The entry numbers, from 1, as a matrix; 0 is "not stored"."""
        from scipy.sparse import csr_matrix

        numbers = np.arange(1, len(self._indices) + 1, dtype=self._indptr.dtype)
        shape = (len(self._indptr) - 1, self._columns)
        # csr_matrix, not csr_array: its fancy indexing returns the values without building a new sparse array.
        matrix = csr_matrix((numbers, self._indices, self._indptr), shape=shape, copy=False)
        matrix.has_sorted_indices = matrix.has_canonical_format = True
        return matrix


def row_numbers(indptr: IndexArray, first: int = 0, last: int | None = None) -> IndexArray:
    """The row of each entry of the rows first <= row < last (default: all rows)."""
    bounds = indptr[first:] if last is None else indptr[first : last + 1]
    if expandptr is None:
        numbers = np.arange(len(bounds) - 1, dtype=bounds.dtype)
        numbers = np.repeat(numbers, np.diff(bounds))
    else:
        bounds = bounds - bounds[0]
        numbers = np.empty(int(bounds[-1]), bounds.dtype)
        expandptr(len(bounds) - 1, bounds, numbers)
    if first:
        numbers += bounds.dtype.type(first)
    return numbers


def product(indptr: IndexArray, columns: IndexArray, values: NDArray[Any], vector: NDArray[Any]) -> NDArray[Any]:
    """(rows,) the product of a CSR matrix with a vector, each row added up from left to right.

    indptr: (rows + 1,); columns, values: (entries,); vector: of the dtype of the values.
    """
    if not indptr[-1] <= len(columns) == len(values):
        raise ValueError(f"the rows end at {indptr[-1]} of {len(columns)} columns and {len(values)} values")
    rows = len(indptr) - 1
    if csr_matvec is None:
        from scipy.sparse import csr_array

        slow: NDArray[Any] = csr_array((values, columns, indptr), shape=(rows, len(vector))) @ vector
        return slow
    sums = np.zeros(rows, values.dtype)
    csr_matvec(rows, len(vector), indptr, columns, values, vector, sums)
    return sums


def add_products(
    indptr: IndexArray, columns: IndexArray, values: NDArray[Any], vectors: NDArray[Any], sums: NDArray[Any]
) -> None:
    """Add the product of a CSR matrix with vectors (all columns, n) to sums (rows, n), each row from left to right, in place.

    indptr: (rows + 1,); columns, values: (entries,). Vectors and sums are contiguous, and of the dtype of the values.
    """
    rows, number = len(indptr) - 1, vectors.shape[1]
    if sums.shape != (rows, number) or not indptr[-1] <= len(columns) == len(values):
        raise ValueError(f"the rows end at {indptr[-1]} of {len(values)} values, for sums of shape {sums.shape}")
    if csr_matvecs is None or not (vectors.flags.c_contiguous and sums.flags.c_contiguous):
        from scipy.sparse import csr_array

        sums += csr_array((values, columns, indptr), shape=(rows, len(vectors))) @ vectors
        return
    csr_matvecs(rows, len(vectors), number, indptr, columns, values, vectors.ravel(), sums.ravel())


def add_ones(counter: CountArray, places: IndexArray) -> None:
    """Add one to the counter at each of the places, in place, as often as each comes. counter: int32 or int64, contiguous."""
    if csr_column_index1 is None:
        np.add.at(counter, places, 1)
        return
    # The first half of choosing columns from a CSR matrix, which counts how often each is asked for. Of a matrix without rows
    # and columns there is no second half.
    places = places.astype(counter.dtype, copy=False)
    nothing = np.zeros(1, counter.dtype)
    csr_column_index1(len(places), places, 0, 0, nothing, nothing, counter, np.empty_like(nothing))


def scatter(values: IndexArray, places: IndexArray) -> IndexArray:
    """(n,) an array with each of the values (n,) at its place; each place 0 … n − 1 comes once. Values and places are of one dtype."""
    if coo_matvec is None:
        found: IndexArray = np.empty_like(values)
        found[places] = values
        return found
    # The product of a matrix of one column, which has these values in these rows, and the vector (1).
    found = np.zeros_like(values)
    coo_matvec(len(values), places, np.zeros_like(places), values, np.ones(1, values.dtype), found)
    return found


def take(values: NDArray[Any], places: NDArray[np.integer[Any]]) -> NDArray[Any]:
    """values[places] as a new array, 0 <= place < values: negative places don't count from the end.

    Arrow takes 32-bit places as they are, in half the time of NumPy, which makes them 64-bit first and checks them. NumPy takes
    what is few, or scattered in memory, or not of 1, 2, 4 or 8 bytes each. The array can be written to.
    """
    if (
        len(places) < LEAST_FOR_ARROW
        or not (values.ndim == places.ndim == 1 and values.flags.c_contiguous and places.dtype.kind in "iu")
        or values.itemsize not in (1, 2, 4, 8)
        or values.dtype.hasobject
    ):
        return values.take(places)
    as_integers = to_arrow(values.view(f"u{values.itemsize}"))  # Arrow does not know all types of NumPy
    return np.frombuffer(
        call_arrow("array_take", as_integers, to_arrow(places), boundscheck=False).buffers()[1], values.dtype
    )


def call_arrow(name: str, *values: Any, **options: Any) -> Any:
    """What `pyarrow.compute` gives by this name, without the module, which makes hundreds of functions when it is imported.

    Methods of Arrow's arrays (`cast`, `take`, `dictionary_encode`, `is_null` …) import it, too.
    """
    return arrow_function(name)(values, options)


@cache
def arrow_function(name: str) -> Callable[[tuple[Any, ...], dict[str, Any]], Any]:
    """A function of Arrow's, which is given its values and its options by their names."""
    try:
        functions = import_module("pyarrow._compute")
        function = functions.get_function(name)
        options_of: Any = getattr(functions, function._doc.options_class, None)  # noqa: SLF001
    except (ImportError, AttributeError):
        public = getattr(import_module("pyarrow.compute"), name)
        return lambda values, options: public(*values, **options)
    return lambda values, options: function.call(list(values), options_of(**options) if options else None)
