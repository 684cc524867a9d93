using System.Reflection;
using System.Reflection.Emit;
using System.Runtime.CompilerServices;
using MicroSpark.Hashing;
using MicroSpark.Ordering;
using MicroSpark.Tables;

namespace MicroSpark.Tests.Hashing;

/// <summary>Key types come from shipped assemblies, which are unloaded when their jobs are done: no cache may keep them.</summary>
public sealed class UnloadTests
{
    [Fact]
    public void Hashing_comparing_and_ordering_a_type_does_not_keep_it()
    {
        var type = UseOnce();
        for (var i = 0; i < 20 && type.IsAlive; i++)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }

        Assert.False(type.IsAlive);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static WeakReference UseOnce()
    {
        var module = AssemblyBuilder.DefineDynamicAssembly(new AssemblyName("Shipped"), AssemblyBuilderAccess.RunAndCollect)
            .DefineDynamicModule("Shipped");
        var builder = module.DefineType("Key", TypeAttributes.Public | TypeAttributes.Sealed | TypeAttributes.SequentialLayout, typeof(ValueType));
        builder.DefineField("Number", typeof(int), FieldAttributes.Private);
        builder.DefineField("Text", typeof(string), FieldAttributes.Private);
        var type = builder.CreateType();
        var value = Activator.CreateInstance(type)!;
        Assert.NotEqual(0UL, StableHash<object>.Of(value));
        KeyTypes.EnsureEquatable(type, "test");
        Assert.True(KeyTypes.HasStableHash(type));
        typeof(UnloadTests).GetMethod(nameof(Use), BindingFlags.NonPublic | BindingFlags.Static)!.MakeGenericMethod(type).Invoke(null, [value]);
        return new WeakReference(type);
    }

    private static void Use<K>(K key)
    {
        var table = new CombineTable<K, int>();
        table.Slot(key, StableHash<K>.Of(key), out _)++;
        table.Slot(key, StableHash<K>.Of(key), out var exists)++;
        Assert.True(exists);
        KeySort.SortByKey(new (ValueTuple<int, string>, K)[] { ((1, "a"), key), ((0, "b"), key) });
        Assert.Null(NaturalOrder<K>.ComparerOrNull);
        Assert.Null(NaturalOrder<(K, int)>.ComparerOrNull);
    }
}
