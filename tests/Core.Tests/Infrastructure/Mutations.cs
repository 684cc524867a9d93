using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace MicroSpark.Tests.Infrastructure;

/// <summary>
/// Bytes that somebody else wrote: valid ones that were changed, cut and repeated, the same for the same seed. What a reader makes of them
/// is a value or the error that it documents, and it allocates no more than the bytes back.
/// </summary>
internal static class Mutations
{
    private static readonly int[] s_sizes =
        [int.MaxValue, int.MinValue, -1, 0, 1, Array.MaxLength, 1 << 30, 1 << 20, 0x00FFFFFF, -2];

    /// <summary>Reads so many mutations of some valid bytes.</summary>
    /// <param name="read">Throws <see cref="InvalidDataException"/>, or what <paramref name="isDocumented"/> knows.</param>
    public static void Check(byte[] valid, Action<byte[]> read, int count = 1000, int seed = 1, Func<Exception, bool>? isDocumented = null)
    {
        // Once before anything is measured: types are made at their first use.
        read(valid);
        var random = new Random(seed);
        for (var i = 0; i < count; i++)
        {
            var bytes = Mutate(valid, random);
            CheckOne(bytes, read, isDocumented, $"Mutation {i} of seed {seed}", 1 << 20);
        }
    }

    /// <summary>Reads bytes that somebody else wrote.</summary>
    /// <param name="spare">What it may allocate above 16 times the bytes.</param>
    /// <returns>What the reader said; null when it took them.</returns>
    public static Exception? CheckOne(byte[] bytes, Action<byte[]> read, Func<Exception, bool>? isDocumented, string what, long spare)
    {
        var before = GC.GetAllocatedBytesForCurrentThread();
        Exception? error = null;
        try
        {
            read(bytes);
        }
        catch (Exception e)
        {
            error = e;
        }

        var allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        Assert.True(
            error is null or InvalidDataException || isDocumented?.Invoke(error) == true,
            $"{what} gave {error}\nbytes: {Convert.ToHexString(bytes)}");
        Assert.True(
            allocated <= (16L * bytes.Length) + spare,
            $"{what} allocated {allocated} bytes for {bytes.Length}, and gave {error}");
        return error;
    }

    public static byte[] Mutate(byte[] valid, Random random)
    {
        List<byte> bytes = [.. valid];
        for (var changes = random.Next(1, 4); changes > 0 && bytes.Count > 0; changes--)
        {
            var at = random.Next(bytes.Count);
            var length = random.Next(1, Math.Min(bytes.Count - at, 64) + 1);
            switch (random.Next(8))
            {
                case 0:
                    bytes.RemoveRange(at, bytes.Count - at);
                    break;
                case 1:
                    bytes.RemoveRange(at, length);
                    break;
                case 2:
                    bytes.InsertRange(at, bytes.GetRange(at, length));
                    break;
                case 3:
                    bytes[at] ^= (byte)(1 << random.Next(8));
                    break;
                case 4:
                    bytes[at] = 0xFF;
                    break;
                case 5 when at + 4 <= bytes.Count:
                    BinaryPrimitives.WriteInt32LittleEndian(
                        CollectionsMarshal.AsSpan(bytes)[at..], s_sizes[random.Next(s_sizes.Length)]);
                    break;
                case 6:
                    bytes.InsertRange(at, [0xFF, 0xFF, 0xFF, 0xFF, 0x07]);
                    break;
                default:
                    bytes[at] = (byte)random.Next(256);
                    break;
            }
        }

        return [.. bytes];
    }
}
