namespace MicroSpark;

/// <summary>How files are compressed that a save writes. Reading goes by the file's name.</summary>
public enum Compression
{
    /// <summary>Not compressed: <c>part-00000</c>. A file can be read back in several partitions.</summary>
    None,

    /// <summary>Gzip: <c>part-00000.gz</c>. A file is read back as one partition, since gzip cannot be entered in the middle.</summary>
    Gzip,

    /// <summary>Zstandard: <c>part-00000.zst</c>. Smaller and faster than gzip; a file is read back as one partition.</summary>
    Zstd,
}
