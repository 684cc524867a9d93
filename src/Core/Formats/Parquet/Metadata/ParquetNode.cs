namespace MicroSpark.Formats.Parquet.Metadata;

/// <summary>
/// A column, or a group of columns, as a program sees it: lists and maps without the helper groups that the format stores them in.
/// </summary>
/// <param name="Path">Where it is, for errors.</param>
/// <param name="IsOptional">Whether it may be null.</param>
/// <param name="Def">The definition level from which on it is there. Below, it or something above it is null.</param>
/// <param name="Rep">The repetition level of what it is part of.</param>
internal abstract record ParquetNode(string Name, ParquetPath Path, bool IsOptional, int Def, int Rep)
{
    /// <summary>The first of its columns, by its place in each row group.</summary>
    public int FirstLeaf { get; init; }

    /// <summary>How many columns it is stored in.</summary>
    public int Leaves { get; init; } = 1;

    /// <summary>What it is, for errors and as a key: two nodes of one signature are read by the same code.</summary>
    public abstract string Signature { get; }

    /// <summary>Its first column in the file, whose levels tell what is null and how long lists are.</summary>
    public abstract ParquetLeafNode LevelLeaf { get; }
}

/// <summary>
/// Names from the root on, with points between. They are put together when an error asks for them: a group's long name is otherwise
/// there once for each column below.
/// </summary>
internal sealed class ParquetPath(ParquetPath? parent, string name)
{
    public static readonly ParquetPath Root = new(null, "");

    public override string ToString() => parent is null || parent == Root ? name : $"{parent}.{name}";
}

/// <summary>A column.</summary>
/// <param name="Length">Bytes of a value, where all have the same.</param>
internal sealed record ParquetLeafNode(
    string Name, ParquetPath Path, bool IsOptional, int Def, int Rep, PhysicalType Type, int Length, LogicalType Logical)
    : ParquetNode(Name, Path, IsOptional, Def, Rep)
{
    public override ParquetLeafNode LevelLeaf => this;

    public override string Signature => $"{Type}{Length}{Logical.Kind}{Logical.Scale}{Logical.Flag}@{Def},{Rep}";
}

/// <summary>Values with names.</summary>
internal sealed record ParquetStructNode(string Name, ParquetPath Path, bool IsOptional, int Def, int Rep, ParquetNode[] Children)
    : ParquetNode(Name, Path, IsOptional, Def, Rep)
{
    /// <summary>What keeps it from being read, by name.</summary>
    public string? Feature { get; init; }

    public override ParquetLeafNode LevelLeaf => Array.Find(Children, static child => child.Leaves > 0)!.LevelLeaf;

    public override string Signature =>
        $"{Feature}{{{string.Join(',', Children.Select(static c => $"{c.Name.Length}{c.Name}:{c.Signature}"))}}}@{Def}";
}

/// <summary>A list.</summary>
/// <param name="ItemDef">The definition level from which on it has an item: at <see cref="ParquetNode.Def"/> it is there and
/// empty.</param>
/// <param name="ItemRep">The repetition level of its second and later items.</param>
internal sealed record ParquetListNode(
    string Name, ParquetPath Path, bool IsOptional, int Def, int Rep, int ItemDef, int ItemRep, ParquetNode Item)
    : ParquetNode(Name, Path, IsOptional, Def, Rep)
{
    /// <summary>Whether it is a map, whose items are pairs: a struct of a key and a value.</summary>
    public bool IsMap { get; init; }

    public override ParquetLeafNode LevelLeaf => Item.LevelLeaf;

    public override string Signature => $"{(IsMap ? "map" : "list")}{ItemDef},{ItemRep}[{Item.Signature}]@{Def}";
}
