using System.Buffers.Binary;
using System.Reflection;
using System.Reflection.PortableExecutable;
using System.Runtime.InteropServices;
using System.Text;
using MicroSpark.Model;

namespace MicroSpark.Code;

/// <summary>
/// A user assembly as it travels: its image, its symbols when there are any, and the ids of the user assemblies it references.
/// </summary>
internal sealed record ShippedAssembly(AssemblyId Id, string Name, byte[] Image, byte[]? Symbols, IReadOnlyList<AssemblyId> References)
{
    private const int IdLength = 32;
    private const int MaxNameLength = 4096;

    private static ReadOnlySpan<byte> Magic => "MSA1"u8;

    public byte[] ToBytes()
    {
        var name = Encoding.UTF8.GetBytes(Name);
        var bytes = new byte[
            Magic.Length + IdLength + (4 * sizeof(int)) + name.Length + (References.Count * IdLength) + Image.Length
                + (Symbols?.Length ?? 0)];
        Span<byte> rest = bytes;
        Magic.CopyTo(rest);
        rest = rest[Magic.Length..];
        Id.Hash.CopyTo(rest);
        rest = rest[IdLength..];
        foreach (var length in (ReadOnlySpan<int>)[name.Length, References.Count, Image.Length, Symbols?.Length ?? -1])
        {
            BinaryPrimitives.WriteInt32LittleEndian(rest, length);
            rest = rest[sizeof(int)..];
        }

        name.CopyTo(rest);
        rest = rest[name.Length..];
        foreach (var reference in References)
        {
            reference.Hash.CopyTo(rest);
            rest = rest[IdLength..];
        }

        Image.CopyTo(rest);
        Symbols?.CopyTo(rest[Image.Length..]);
        return bytes;
    }

    /// <summary>Reads what <see cref="ToBytes"/> wrote.</summary>
    /// <exception cref="BadImageFormatException">The bytes are something else, or cut off.</exception>
    public static ShippedAssembly FromBytes(ReadOnlySpan<byte> bytes)
    {
        var header = Magic.Length + IdLength + (4 * sizeof(int));
        if (bytes.Length < header || !bytes.StartsWith(Magic))
        {
            throw new BadImageFormatException(
                $"Expected a shipped assembly, which begins with 'MSA1'; found {bytes.Length} bytes of something else.");
        }

        var lengths = bytes[(Magic.Length + IdLength)..];
        var nameLength = BinaryPrimitives.ReadInt32LittleEndian(lengths);
        var references = BinaryPrimitives.ReadInt32LittleEndian(lengths[4..]);
        var image = BinaryPrimitives.ReadInt32LittleEndian(lengths[8..]);
        var symbols = BinaryPrimitives.ReadInt32LittleEndian(lengths[12..]);
        var rest = bytes[header..];
        var name = nameLength is >= 0 and <= MaxNameLength && nameLength <= rest.Length
            ? Encoding.UTF8.GetString(rest[..nameLength])
            : "?";
        var expected = (long)nameLength + ((long)references * IdLength) + image + Math.Max(symbols, 0);
        if (name == "?" || references < 0 || image < 0 || symbols < -1 || expected != rest.Length)
        {
            throw new BadImageFormatException(
                $"Shipped assembly '{name}' is damaged: expected {expected} bytes after its head, found {rest.Length}.", name);
        }

        rest = rest[nameLength..];
        var ids = new AssemblyId[references];
        for (var i = 0; i < references; i++)
        {
            ids[i] = new AssemblyId(LineageId.FromHash(rest));
            rest = rest[IdLength..];
        }

        return new ShippedAssembly(
            new AssemblyId(LineageId.FromHash(bytes[Magic.Length..])),
            name,
            rest[..image].ToArray(),
            symbols < 0 ? null : rest[image..].ToArray(),
            ids);
    }

    /// <summary>
    /// Throws unless the image is a whole .NET assembly of that name. The runtime's own errors do not say which one was bad.
    /// </summary>
    /// <exception cref="BadImageFormatException">It is not.</exception>
    public void EnsureLoadable()
    {
        try
        {
            using var reader = new PEReader(ImmutableCollectionsMarshal.AsImmutableArray(Image));
            var found = reader.HasMetadata ? NameIn(reader) : throw new BadImageFormatException("It has no .NET metadata.");
            var needed = reader.PEHeaders.SectionHeaders.Max(section => section.PointerToRawData + section.SizeOfRawData);
            if (found != Name)
            {
                throw new BadImageFormatException($"It is the assembly '{found}'.");
            }

            if (needed > Image.Length)
            {
                throw new BadImageFormatException($"It is cut off: its sections take {needed} bytes.");
            }
        }
        catch (Exception error) when (error is BadImageFormatException or InvalidOperationException)
        {
            throw new BadImageFormatException(
                $"Expected the assembly '{Name}' in {Image.Length} shipped bytes, which are not: {error.Message}", Name, error);
        }
    }

    private static string NameIn(PEReader reader)
    {
        var metadata = System.Reflection.Metadata.PEReaderExtensions.GetMetadataReader(reader);
        return metadata.GetString(metadata.GetAssemblyDefinition().Name);
    }
}
