namespace MicroSpark;

/// <summary>
/// How a persisted partition is kept. The names are Spark's. A trailing 2 asks for a second copy on another worker, on another host when
/// there is one. Then the partitions of a dead worker are not computed again. A partition that does not fit is recomputed from its lineage
/// unless the level uses the disk.
/// </summary>
public sealed record StorageLevel
{
    private const int DiskBit = 1;
    private const int MemoryBit = 2;
    private const int DeserializedBit = 4;
    private const int ReplicationShift = 3;

    private readonly string _name;

    private StorageLevel(string name, bool disk, bool memory, bool deserialized, int replication = 1)
    {
        _name = name;
        UseDisk = disk;
        UseMemory = memory;
        Deserialized = deserialized;
        Replication = replication;
    }

    /// <summary>Not kept.</summary>
    public static StorageLevel None { get; } = new(nameof(None), false, false, false);

    /// <summary>
    /// Objects in memory, never on disk: a partition that does not fit is computed by each task that reads it, as if it were not persisted.
    /// What <c>Cache()</c> uses.
    /// </summary>
    public static StorageLevel MemoryOnly { get; } = new(nameof(MemoryOnly), false, true, true);

    /// <summary><see cref="MemoryOnly"/>, in two copies on different workers.</summary>
    public static StorageLevel MemoryOnly2 { get; } = new(nameof(MemoryOnly2), false, true, true, 2);

    /// <summary>Encoded bytes in memory: smaller, slower to read; else as <see cref="MemoryOnly"/>.</summary>
    public static StorageLevel MemoryOnlySerialized { get; } = new(nameof(MemoryOnlySerialized), false, true, false);

    /// <summary><see cref="MemoryOnlySerialized"/>, in two copies on different workers.</summary>
    public static StorageLevel MemoryOnlySerialized2 { get; } = new(nameof(MemoryOnlySerialized2), false, true, false, 2);

    /// <summary>Objects in memory; what does not fit goes to disk.</summary>
    public static StorageLevel MemoryAndDisk { get; } = new(nameof(MemoryAndDisk), true, true, true);

    /// <summary><see cref="MemoryAndDisk"/>, in two copies on different workers.</summary>
    public static StorageLevel MemoryAndDisk2 { get; } = new(nameof(MemoryAndDisk2), true, true, true, 2);

    /// <summary>Encoded bytes in memory; what does not fit goes to disk.</summary>
    public static StorageLevel MemoryAndDiskSerialized { get; } = new(nameof(MemoryAndDiskSerialized), true, true, false);

    /// <summary><see cref="MemoryAndDiskSerialized"/>, in two copies on different workers.</summary>
    public static StorageLevel MemoryAndDiskSerialized2 { get; } = new(nameof(MemoryAndDiskSerialized2), true, true, false, 2);

    /// <summary>Encoded bytes on disk.</summary>
    public static StorageLevel DiskOnly { get; } = new(nameof(DiskOnly), true, false, false);

    /// <summary><see cref="DiskOnly"/>, in two copies on different workers.</summary>
    public static StorageLevel DiskOnly2 { get; } = new(nameof(DiskOnly2), true, false, false, 2);

    /// <summary>Every level, <see cref="None"/> first.</summary>
    internal static IReadOnlyList<StorageLevel> All { get; } =
    [
        None, MemoryOnly, MemoryOnly2, MemoryOnlySerialized, MemoryOnlySerialized2, MemoryAndDisk, MemoryAndDisk2,
        MemoryAndDiskSerialized, MemoryAndDiskSerialized2, DiskOnly, DiskOnly2,
    ];

    /// <summary>Whether a partition may be written to disk.</summary>
    public bool UseDisk { get; }

    /// <summary>Whether a partition is held in memory.</summary>
    public bool UseMemory { get; }

    /// <summary>Whether memory holds objects rather than encoded bytes.</summary>
    public bool Deserialized { get; }

    /// <summary>Copies kept, on different workers: 1 or 2. A single worker keeps one.</summary>
    public int Replication { get; }

    /// <summary>The level as one byte, for plans; the numbers never change.</summary>
    internal byte Code => (byte)(Flags | (Replication << ReplicationShift));

    /// <summary>This level, or the one that differs only in using the disk: what a local checkpoint raises a level to.</summary>
    internal StorageLevel DiskSibling => FromFlags(disk: true, UseMemory, Deserialized, Replication);

    private int Flags => (UseDisk ? DiskBit : 0) | (UseMemory ? MemoryBit : 0) | (Deserialized ? DeserializedBit : 0);

    /// <summary>Reads a level's name, as <see cref="ToString"/> writes it; case does not matter.</summary>
    /// <exception cref="ArgumentException">There is no such level.</exception>
    public static StorageLevel Parse(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        foreach (var level in All)
        {
            if (string.Equals(level._name, name, StringComparison.OrdinalIgnoreCase))
            {
                return level;
            }
        }

        throw new ArgumentException($"There is no storage level '{name}'. Use one of {string.Join(", ", All)}.", nameof(name));
    }

    /// <summary>Reads <see cref="Code"/>.</summary>
    /// <exception cref="FormatException">The byte is no level's code.</exception>
    internal static StorageLevel FromCode(byte code)
    {
        foreach (var level in All)
        {
            if (level.Code == code)
            {
                return level;
            }
        }

        throw new FormatException($"{code} is no storage level's code: the plan was written by another version.");
    }

    /// <summary>The level's name, such as <c>MemoryAndDisk2</c>.</summary>
    public override string ToString() => _name;

    private static StorageLevel FromFlags(bool disk, bool memory, bool deserialized, int replication)
    {
        foreach (var level in All)
        {
            var same = level.UseDisk == disk && level.UseMemory == memory && level.Deserialized == deserialized;
            if (same && level.Replication == replication)
            {
                return level;
            }
        }

        throw new InvalidOperationException(
            $"No level has disk {disk}, memory {memory}, deserialized {deserialized}, {replication} copies.");
    }
}
