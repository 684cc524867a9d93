using System.Collections;
using System.Reflection;
using System.Runtime.CompilerServices;

namespace MicroSpark.Tests.GrainContracts;

/// <summary>Who may call what is decided for each method, and people can read it.</summary>
public sealed class AccessTableTests
{
    private static readonly Assembly s_grains = Assembly.Load("MicroSpark.Grains");

    private static readonly string[] s_rows =
    [
        .. ((IEnumerable)s_grains.GetType("MicroSpark.Grains.Access.AccessTable", throwOnError: true)!.GetMethod("Rows")!.Invoke(null, null)!)
            .Cast<ITuple>().Select(static row => $"{((Type)row[0]!).Name}.{row[1]} {row[2]}"),
    ];

    [Fact]
    public void Each_method_of_a_grain_has_one_row_in_the_table_of_rights()
    {
        var methods = s_grains.GetTypes().Where(ContractList.IsGrainInterface).SelectMany(static type => type.GetMethods().Select(m => $"{type.Name}.{m.Name}"));

        Assert.Equal(methods.Order(), s_rows.Select(static row => row.Split(' ')[0]).Order());
    }

    /// <summary>What is for workers only needs no row there.</summary>
    [Fact]
    public void The_document_has_the_same_table()
    {
        var document = SourceTree.Read("docs/security.md");
        var told = s_rows.Select(static row => row.Split(' ')).Where(static row => row[1] != "Join").Where(
            row => !document.Split('\n').Any(line => line.StartsWith($"| {row[1]} |", StringComparison.Ordinal)
                && line.Contains($"`{row[0].Replace("Grain.", ".", StringComparison.Ordinal).Replace("Async", "", StringComparison.Ordinal)}`", StringComparison.Ordinal)));

        Assert.Empty(told.Select(static row => string.Join(' ', row)));
    }
}
