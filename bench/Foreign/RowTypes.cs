using System.Reflection;
using System.Reflection.Emit;
using System.Text.Json.Serialization;
using MicroSpark.Formats.Parquet.Metadata;

namespace MicroSpark.Bench.Foreign;

/// <summary>Makes classes from the columns of a file, as somebody would write them by hand: a field for each column, of its type.</summary>
internal sealed class RowTypes
{
    private readonly ModuleBuilder _module = AssemblyBuilder.DefineDynamicAssembly(new AssemblyName("Rows"), AssemblyBuilderAccess.RunAndCollect)
        .DefineDynamicModule("Rows");

    private int _count;

    /// <summary>The name of a column's field. A column's own name may be none that a field can have.</summary>
    public static string Field(int place) => $"Column{place}";

    public Type Row(IEnumerable<ParquetNode> columns)
    {
        var type = _module.DefineType($"Row{_count++}", TypeAttributes.Public | TypeAttributes.Class);
        var name = typeof(JsonPropertyNameAttribute).GetConstructor([typeof(string)])!;
        var place = 0;
        foreach (var column in columns)
        {
            type.DefineField(Field(place++), Of(column), FieldAttributes.Public)
                .SetCustomAttribute(new CustomAttributeBuilder(name, [column.Name]));
        }

        type.DefineDefaultConstructor(MethodAttributes.Public);
        return type.CreateType();
    }

    private Type Of(ParquetNode node) => node switch
    {
        ParquetStructNode group => Row(group.Children),
        ParquetListNode { IsMap: true, Item: ParquetStructNode { Children: [var key, var value] } } =>
            typeof(Dictionary<,>).MakeGenericType(Of(key), Of(value)),
        ParquetListNode list => typeof(List<>).MakeGenericType(Of(list.Item)),
        ParquetLeafNode leaf when ValueOf(leaf) is var type =>
            leaf.IsOptional && type.IsValueType ? typeof(Nullable<>).MakeGenericType(type) : type,
        _ => throw new NotSupportedException(node.Path.ToString()),
    };

    private const int DecimalBytes = 12;

    // What has no type of its own is asked for as a string, which it is not: the refusal then has its name.
    private static Type ValueOf(ParquetLeafNode leaf) => (leaf.Type, leaf.Logical.Kind, leaf.Logical.Scale, leaf.Logical.Flag) switch
    {
        (PhysicalType.Boolean, _, _, _) => typeof(bool),
        (PhysicalType.Float, _, _, _) => typeof(float),
        (PhysicalType.Double, _, _, _) => typeof(double),
        (PhysicalType.Int96, _, _, _) => typeof(DateTime),
        (PhysicalType.FixedBytes, LogicalKind.Decimal, _, _) when leaf.Length > DecimalBytes => typeof(string),
        (_, LogicalKind.Decimal, _, _) => typeof(decimal),
        (_, LogicalKind.Integer, 8, true) => typeof(sbyte),
        (_, LogicalKind.Integer, 8, false) => typeof(byte),
        (_, LogicalKind.Integer, 16, true) => typeof(short),
        (_, LogicalKind.Integer, 16, false) => typeof(ushort),
        (_, LogicalKind.Integer, 32, false) => typeof(uint),
        (_, LogicalKind.Integer, 64, false) => typeof(ulong),
        (_, LogicalKind.Integer, 64, true) => typeof(long),
        (PhysicalType.Int32, LogicalKind.Date, _, _) => typeof(DateOnly),
        (_, LogicalKind.Time or LogicalKind.Timestamp, LogicalType.Nanos, _) => typeof(long),
        (_, LogicalKind.Time, _, _) => typeof(TimeSpan),
        (_, LogicalKind.Timestamp, _, _) => typeof(DateTime),
        (PhysicalType.Int32, _, _, _) => typeof(int),
        (PhysicalType.Int64, _, _, _) => typeof(long),
        (_, LogicalKind.Uuid, _, _) => typeof(Guid),
        (_, LogicalKind.Half, _, _) => typeof(Half),
        (_, LogicalKind.None, _, _) => typeof(byte[]),
        _ => typeof(string),
    };
}
