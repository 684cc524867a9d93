using System.Buffers;
using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using MicroSpark.Closures;
using MicroSpark.Code;
using MicroSpark.Codecs;
using MicroSpark.Model;
using MicroSpark.Plans;
using MicroSpark.Readers;

namespace MicroSpark.Sources
{
    /// <summary>
    /// A client's items, in slices: slice i of n holds the positions floor(i * L / n) .. floor((i + 1) * L / n) - 1. Silos of this process
    /// read items that nobody can change by reference; for others the slices travel as blobs, several slices to one.
    /// </summary>
    internal sealed class ParallelizeNode<T> : PlanNode<T>
    {
        /// <summary>Hashing more than this would cost more than finding the recipe again saves.</summary>
        private const int LargestHashed = 1 << 20;

        private const int BlobSize = 4 << 20;

        /// <summary>A slice in a plan: its blob's name and two numbers.</summary>
        private const int SliceBytes = 32 + (2 * sizeof(int));

        private readonly int _partitions;
        private readonly LineageId _data;
        private readonly bool _byReference;
        private readonly T[]? _items;
        private readonly LineageId? _content;
        private readonly (BlobName Blob, int Offset, int Length)[] _slices;
        private readonly List<PlanBlob> _blobs = [];

        /// <summary>Of the items' own types: behind a declared type of the framework's, nothing else of a plan may name them.</summary>
        private readonly HashSet<AssemblyId> _assemblies = [];

        public ParallelizeNode(T[] items, int partitions, bool sharesMemory)
        {
            ValueCodec.EnsureEncodable(typeof(T));
            _partitions = partitions;
            _byReference = sharesMemory && ValueCodec.IsShareable(typeof(T));
            _slices = [];
            if (_byReference)
            {
                _content = HashSmall(items);
            }
            else
            {
                (_slices, _content) = EncodeSlices(items, partitions);
            }

            _data = _content ?? LineageId.FromHash(RandomNumberGenerator.GetBytes(32));
            _items = _byReference ? LocalData<T>.Intern(_data, items) : null;
        }

        private ParallelizeNode(PlanReader reader)
        {
            _partitions = reader.Int32();
            _data = reader.Lineage();
            _byReference = reader.Boolean();
            _slices = new (BlobName, int, int)[reader.Count(SliceBytes)];
            for (var i = 0; i < _slices.Length; i++)
            {
                _slices[i] = (reader.Blob(), reader.Int32(), reader.Int32());
            }

            _items = _byReference ? LocalData<T>.Find(_data) : null;
        }

        public override string Operator => "Parallelize";

        protected override bool HasStableIdentity => _content is not null;

        public override void WriteArguments(PlanWriter writer)
        {
            WriteIdentity(writer);
            writer.Boolean(_byReference);
            writer.Int32(_slices.Length);
            foreach (var (blob, offset, length) in _slices)
            {
                writer.Lineage(blob.Hash);
                writer.Int32(offset);
                writer.Int32(length);
            }

            writer.Blobs.AddRange(_blobs);
            writer.Assemblies.UnionWith(_assemblies);
        }

        protected override void WriteIdentity(PlanWriter writer)
        {
            writer.Int32(_partitions);
            writer.Lineage(_data);
        }

        public override ChunkReader<T> Open(int partition, TaskScope scope)
        {
            // A plan that was read while nobody held the data may meet it when the same program runs again.
            if ((_items ?? (_byReference ? LocalData<T>.Find(_data) : null)) is { } items && _byReference)
            {
                var (start, end) = Slice(items.Length, partition, _partitions);
                return new MemoryReader<T>(items.AsMemory(start, end - start));
            }

            if (_byReference)
            {
                throw new InvalidOperationException(
                    "The data that Parallelize was given is no longer in this process: the client that made the RDD dropped it.");
            }

            var (blob, offset, length) = _slices[partition];
            return new MemoryReader<T>(
                length == 0 ? [] : ValueCodec.DecodeMany<T>(scope.Blob(blob).Span.Slice(offset, length), scope.Code));
        }

        protected override int CountPartitions() => _partitions;

        private static (int Start, int End) Slice(int length, int partition, int partitions) =>
            ((int)((long)length * partition / partitions), (int)((long)length * (partition + 1) / partitions));

        /// <summary>The content's hash; null when it is too much to hash.</summary>
        private static LineageId? HashSmall(T[] items)
        {
            if ((long)items.Length * Math.Max(8, Unsafe.SizeOf<T>()) > LargestHashed)
            {
                return null;
            }

            var encoded = new ArrayBufferWriter<byte>();
            ValueCodec.EncodeMany<T>(items, encoded, CodeSpace.Process);
            return encoded.WrittenCount > LargestHashed ? null : LineageId.FromHash(SHA256.HashData(encoded.WrittenSpan));
        }

        private ((BlobName Blob, int Offset, int Length)[] Slices, LineageId? Content) EncodeSlices(T[] items, int partitions)
        {
            var slices = new (BlobName Blob, int Offset, int Length)[partitions];
            var buffer = new ArrayBufferWriter<byte>();
            using var content = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
            long total = 0;
            var firstOfBlob = 0;
            for (var p = 0; p < partitions; p++)
            {
                var (start, end) = Slice(items.Length, p, partitions);
                var offset = buffer.WrittenCount;
                if (end > start)
                {
                    _assemblies.UnionWith(ValueCodec.EncodeMany<T>(items.AsSpan(start, end - start), buffer, CodeSpace.Process));
                }

                slices[p] = (default, offset, buffer.WrittenCount - offset);
                if (buffer.WrittenCount >= BlobSize || p == partitions - 1)
                {
                    var bytes = buffer.WrittenSpan.ToArray();
                    var name = BlobName.Of(bytes);
                    _blobs.Add(new PlanBlob(name, () => bytes));
                    for (; firstOfBlob <= p; firstOfBlob++)
                    {
                        slices[firstOfBlob].Blob = name;
                    }

                    content.AppendData(bytes);
                    total += bytes.Length;
                    buffer = new ArrayBufferWriter<byte>();
                }
            }

            return (slices, total > LargestHashed ? null : LineageId.FromHash(content.GetHashAndReset()));
        }
    }

    /// <summary>
    /// Items that clients of this process gave to Parallelize, for silos in it. Held no longer than by RDDs, jobs that run, and plans that
    /// workers know.
    /// </summary>
    internal static class LocalData<T>
    {
        private static readonly Dictionary<LineageId, WeakReference<T[]>> s_items = [];
        private static readonly Lock s_gate = new();

        /// <summary>The array that stands for this content: the one that is known already, or <paramref name="items"/>.</summary>
        public static T[] Intern(LineageId data, T[] items)
        {
            lock (s_gate)
            {
                foreach (var id in s_items.Where(entry => !entry.Value.TryGetTarget(out _)).Select(entry => entry.Key).ToArray())
                {
                    s_items.Remove(id);
                }

                if (s_items.TryGetValue(data, out var known) && known.TryGetTarget(out var same))
                {
                    return same;
                }

                s_items[data] = new WeakReference<T[]>(items);
                return items;
            }
        }

        public static T[]? Find(LineageId data)
        {
            lock (s_gate)
            {
                return s_items.TryGetValue(data, out var reference) && reference.TryGetTarget(out var items) ? items : null;
            }
        }
    }
}

namespace MicroSpark.Sources
{
    internal static partial class Source
    {
        public static Rdd<T> Parallelize<T>(JobRunner runner, IEnumerable<T> items, int? partitions)
        {
            runner.EnsureUsable();
            ArgumentNullException.ThrowIfNull(items);
            PartitionCount.Ensure(partitions);
            ElementRules.Check<T>("Parallelize");
            var copy = items.ToArray();
            try
            {
                var node = new ParallelizeNode<T>(copy, partitions ?? runner.DefaultParallelism, runner.SharesMemory);
                return new Rdd<T>(runner, NodeRef.Of("Parallelize", () => node, needsCounts: false));
            }
            catch (NotEncodableException e)
            {
                throw new ArgumentException($"The items of Parallelize cannot travel to a worker: {e.Message}", nameof(items), e);
            }
        }
    }
}
